import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { turnEnd } from '../../test/fake-sink.ts'
import { type Subscriber, subscribe } from '../../test/subscriber.ts'
import { type Channel, createChannel } from './channel.ts'
import type { Gap, OverflowPolicy } from './channel-options.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const HISTORY_EVENTS = 12
const HISTORY_AGE_MS = 1_000
const QUEUE_EVENTS = 5
const KEYS = [undefined, 'a', 'b']
// One of these fills a frozen client, so that the next event finds no room.
const PADDING = 'x'.repeat(1_100)

/** What a channel has to do, as simply as it can be said: event `n` is the `n`th that was published. */
interface Model {
  readonly published: { readonly at: number; readonly key: string | undefined }[]
  readonly clients: Client[]
}

interface Client {
  readonly subscriber: Subscriber
  readonly policy: OverflowPolicy
  /** The last event that it has, by its id; `undefined`: its id says nothing. */
  readonly after: number | undefined
  /** The first event that was kept when it came. */
  readonly oldest: number
  wasFrozen: boolean
  hasLeft: boolean
}

type Command = fc.AsyncCommand<Model, Channel>

const now = (): number => performance.now()

/** The first event that the history has. */
function oldestKept({ published }: Model): number {
  const first = Math.max(1, published.length - HISTORY_EVENTS + 1)
  for (let number = first; number <= published.length; number += 1) {
    if ((published[number - 1]?.at ?? 0) + HISTORY_AGE_MS > now()) return number
  }
  return published.length + 1
}

function command(name: string, run: Command['run'], check: Command['check'] = () => true): Command {
  return { check, run, toString: () => name }
}

function publish(keys: readonly (string | undefined)[]): Command {
  return command(`publish ${keys.length}`, async (model, channel) => {
    for (const key of keys) {
      model.published.push({ at: now(), key })
      channel.publish(`${model.published.length} ${PADDING}`, { key })
    }
  })
}

/** Connects for the first time, or after the event that was published so many events ago, or with a bad id. */
function connect(policy: OverflowPolicy, place: Place): Command {
  return command(`connect ${policy} ${place}`, async (model, channel) => {
    const total = model.published.length
    const after = typeof place === 'number' ? Math.max(0, total - place) : AFTER[place](total)
    const lastEventId = typeof place === 'number' ? idOf(channel, after ?? 0) : IDS[place]
    const oldest = oldestKept(model)
    const queue = { maxEvents: QUEUE_EVENTS }
    const from = place === 'start' ? 'start' : 'now'
    const subscriber = subscribe(channel, {
      lastEventId,
      subscribe: { overflow: policy, from, queue },
    })
    const wasFrozen = false
    model.clients.push({ subscriber, policy, after, oldest, wasFrozen, hasLeft: false })
    await turnEnd()
  })
}

type Place = 'now' | 'start' | 'other' | 'malformed' | number
const IDS = { now: undefined, start: undefined, other: 'ffffffffffff-1', malformed: '17' }
const AFTER = {
  now: (total: number) => total,
  start: () => 0,
  other: () => undefined,
  malformed: () => undefined,
}

type Act = 'freeze' | 'thaw' | 'leave'

function act(what: Act, index: number): Command {
  const run = async ({ clients }: Model): Promise<void> => {
    const client = clients[index % clients.length] as Client
    const { sink } = client.subscriber
    if (what === 'thaw') return sink.thaw()
    client.wasFrozen ||= what === 'freeze'
    client.hasLeft ||= what === 'leave'
    if (what === 'leave') sink.leave()
    else sink.isFrozen = true
  }
  return command(`${what} ${index}`, run, ({ clients }) => clients.length > 0)
}

const endTurn: Command = command('turn', () => turnEnd())

function expire(ms: number): Command {
  return command(`${ms} ms`, async () => void vi.advanceTimersByTime(ms))
}

/** The id that the channel gave, or would have given: that before the first event is one too. */
function idOf(channel: Channel, number: number): string {
  return `${epochs.get(channel)}-${number.toString(36)}`
}

const epochs = new WeakMap<Channel, string>()

function numberOf(id: string | null | undefined): number {
  return Number.parseInt(id?.split('-')[1] ?? '', 36)
}

/** A contiguous, ordered, undoubled run of events, or a gap in the right place. */
function assertView(client: Client, model: Model): void {
  const { subscriber, policy, after, oldest } = client
  const total = model.published.length
  const events = subscriber.events()
  let last = after ?? oldest - 1
  for (const [index, { event, data, id }] of events.entries()) {
    if (event === 'gap') {
      const gap = JSON.parse(data) as Gap
      const to = numberOf(gap.continuesAfter)
      expect(gap.continuesAfter).toBe(id)
      if (after === undefined && index === 0) {
        expect(gap.lost).toBeNull()
        expect(to).toBe(oldest - 1)
      } else if (gap.reason === 'expired') {
        expect(index).toBe(0)
        expect([gap.lost, to]).toEqual([oldest - 1 - last, oldest - 1])
        expect(gap.lost).toBeGreaterThan(0)
      } else {
        expect(gap.reason).toBe('dropped')
        expect(['drop-oldest', 'drop-newest']).toContain(policy)
        expect(client.wasFrozen).toBe(true)
        expect(gap.lost).toBe(to - last)
      }
      last = to
    } else {
      const number = Number(data.split(' ')[0])
      expect(numberOf(id)).toBe(number)
      if (policy === 'coalesce' && client.wasFrozen) {
        expect(number).toBeGreaterThan(last)
        for (let left = last + 1; left < number; left += 1) {
          const { key } = model.published[left - 1] ?? {}
          const later = model.published.slice(left).some((each) => each.key === key)
          expect(key !== undefined && later, `event ${left} was left out for a later one`).toBe(
            true,
          )
        }
      } else {
        expect(number).toBe(last + 1)
      }
      last = number
    }
  }
  if (after === undefined) expect(events[0]?.event, 'an id that says nothing is a gap').toBe('gap')
  if (after !== undefined && after < oldest - 1) expect(events[0]?.event).toBe('gap')
  if (client.hasLeft) return
  if (subscriber.ends.length === 0) {
    expect(last, 'everything arrived').toBe(total)
  } else {
    expect(subscriber.ends).toEqual(['overflow'])
    expect(['disconnect', 'wait', 'coalesce']).toContain(policy)
    expect(client.wasFrozen).toBe(true)
  }
}

const policies = fc.constantFrom<OverflowPolicy>(
  'disconnect',
  'drop-oldest',
  'drop-newest',
  'coalesce',
  'wait',
)
const places: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>('now', 'start', 'other', 'malformed'),
  fc.nat(HISTORY_EVENTS * 2),
)
const keys = fc.constantFrom(...KEYS)
const commands = [
  fc.array(keys, { minLength: 1, maxLength: 7 }).map(publish),
  fc.array(keys, { minLength: 1, maxLength: 2 }).map(publish),
  fc.tuple(policies, places).map(([policy, place]) => connect(policy, place)),
  fc
    .tuple(fc.constantFrom<Act>('freeze', 'thaw', 'leave'), fc.nat(20))
    .map(([what, index]) => act(what, index)),
  fc.constant(endTurn),
  fc.constant(endTurn),
  fc.integer({ min: 1, max: HISTORY_AGE_MS }).map(expire),
]

describe('every view of a channel', () => {
  it('is a contiguous run without doubles, or has a gap event in the right place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 80, size: 'max' }), async (run) => {
        const model: Model = { published: [], clients: [] }
        const channel = createChannel({
          history: { maxEvents: HISTORY_EVENTS, maxAgeMs: HISTORY_AGE_MS, maxBytes: 64 << 20 },
        })
        model.published.push({ at: now(), key: undefined })
        epochs.set(channel, channel.publish(`1 ${PADDING}`).id.split('-')[0] ?? '')
        await fc.asyncModelRun(() => ({ model, real: channel }), run)
        for (const { subscriber } of model.clients) subscriber.sink.thaw()
        for (let turn = 0; turn < 6; turn += 1) await turnEnd()
        for (const client of model.clients) assertView(client, model)
        const open = model.clients.filter(
          ({ hasLeft, subscriber }) => !hasLeft && subscriber.ends.length === 0,
        )
        expect(channel.stats().subscribers).toBe(open.length)
        expect(channel.stats().history.events).toBe(model.published.length + 1 - oldestKept(model))
        for (const { subscriber } of model.clients) subscriber.sink.leave()
        expect(channel.stats().subscribers).toBe(0)
      }),
      { numRuns: 150 },
    )
  })
})
