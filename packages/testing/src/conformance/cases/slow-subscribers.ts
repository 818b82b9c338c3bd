import { createChannel, type OverflowPolicy } from '@sse/core'
import { expect } from 'vitest'
import type { EventStreamConnection } from '../../client/event-stream-connection.ts'
import { nextTurn } from '../../clock.ts'
import { openHttp2Session } from '../../faults/http2-session.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { atRest, eventually } from '../eventually.ts'
import {
  gapOf,
  numberOf,
  publishFlood,
  publishLarge,
  publishNumbers,
  range,
} from '../publishing.ts'
import { POLICIES } from '../scenarios/channels.ts'
import { FINITE_EVENTS, FLOOD_EVENT_BYTES } from '../scenarios/floods.ts'
import { SPECS } from '../specs.ts'

// As for a stream that is not read: what lies between a server and its client, and some more.
const MOST_BYTES = 24 * 1_048_576

/** One bad client never delays or stops the others, and is told what it lost. */
export const SLOW_SUBSCRIBER_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-CHAN-14',
    level: 'MUST',
    name: 'frozen clients, one with each policy, change nothing for one that reads',
    spec: SPECS.backPressure,
    async run({ connect, stage }) {
      const { channel } = stage
      for (const policy of POLICIES) await connect(`/channel/${policy}`, { readAheadBytes: 0 })
      const healthy = await connect('/channel')
      for (const number of range(1, FINITE_EVENTS)) {
        publishLarge(channel, number, 'key')
        // At once: before anything else is published.
        expect(numberOf(await healthy.nextEvent())).toBe(number)
      }
      for (const number of range(1, 20)) {
        channel.publish(String(number), { key: 'key' })
        expect(numberOf(await healthy.nextEvent())).toBe(number)
      }
      // Those for which nobody waited, and the one that must not lose anything, were cut.
      expect(channel.stats()).toMatchObject({ subscribers: 4, disconnected: 2 })
      expect(channel.stats().dropped).toBeGreaterThan(0)
      expect(channel.stats().coalesced).toBeGreaterThan(0)
    },
  },
  droppingCase(15, 'drop-oldest', 'before what is left'),
  droppingCase(16, 'drop-newest', 'after what it kept'),
  {
    id: 'SSE-CHAN-17',
    level: 'MUST',
    name: 'coalesce: a client that was frozen gets the last event of each key, and all without one',
    spec: SPECS.backPressure,
    async run({ connect, stage }) {
      const { channel } = stage
      const frozen = await connect('/channel/coalesce', { readAheadBytes: 0 })
      for (const number of range(1, FINITE_EVENTS)) {
        if (number % 64 === 0) channel.publish(String(number))
        else publishLarge(channel, number, String(number % 3))
        await nextTurn()
      }
      const numbers = (await frozen.until((event) => numberOf(event) === FINITE_EVENTS)).map(
        numberOf,
      )
      const { coalesced } = channel.stats()
      expect(coalesced).toBeGreaterThan(0)
      expect(numbers.length + coalesced).toBe(FINITE_EVENTS)
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
      expect(numbers).toEqual(expect.arrayContaining([64, 128, 192, 256, 253, 254, 255]))
      publishNumbers(channel, 1_000, 1_000)
      expect(numberOf(await frozen.nextEvent())).toBe(1_000)
    },
  },
  {
    id: 'SSE-CHAN-18',
    level: 'MUST',
    name: 'wait: publishers that ask wait for a frozen client, and go on when it reads; nothing is lost',
    spec: SPECS.backPressure,
    async run({ connect, stage }) {
      const { channel } = stage
      const frozen = await connect('/channel/wait', { readAheadBytes: 0 })
      const healthy = await connect('/channel/wait', { readAheadBytes: Infinity })
      const publishing = publishPatiently()
      expect(await atRest(() => channel.stats().published)).toBeLessThan(FINITE_EVENTS)
      // Whoever reads has everything so far.
      await eventually(() => expect(healthy.received).toHaveLength(channel.stats().published))
      expect((await frozen.take(FINITE_EVENTS)).map(numberOf)).toEqual(range(1, FINITE_EVENTS))
      await publishing
      expect((await healthy.take(FINITE_EVENTS)).map(numberOf)).toEqual(range(1, FINITE_EVENTS))
      expect(channel.stats()).toMatchObject({ dropped: 0, disconnected: 0, subscribers: 2 })

      async function publishPatiently(): Promise<void> {
        for (const number of range(1, FINITE_EVENTS)) {
          publishLarge(channel, number)
          await channel.ready()
          await nextTurn()
        }
      }
    },
  },
  {
    id: 'SSE-CHAN-19',
    level: 'MUST',
    name: 'what is kept for a frozen client is bounded, however much is published',
    spec: SPECS.exhaustion,
    async run({ connect, stage }) {
      const frozen = await connect('/channel/drop-oldest', { readAheadBytes: 0 })
      const published = 4 * FINITE_EVENTS
      await publishFlood(stage.channel, 1, published)
      const view = await readAll(frozen, published)
      // All that it gets now was held for it somewhere.
      expect(view.numbers.length * FLOOD_EVENT_BYTES).toBeLessThan(MOST_BYTES)
      expect(view.numbers.length + view.lost).toBe(published)
    },
  },
  {
    id: 'SSE-CHAN-20',
    level: 'MUST',
    name: 'disconnect: a client that was cut as overflow comes back, and has lost nothing',
    spec: SPECS.lastEventId,
    async run({ connect, stage, reasons }) {
      stage.channel = createChannel({ history: { maxBytes: 64 * 1_048_576 } })
      const frozen = await connect('/channel/disconnect', { readAheadBytes: 0 })
      await publishFlood(stage.channel, 1, 1)
      const first = await frozen.nextEvent()
      await publishFlood(stage.channel, 2, FINITE_EVENTS)
      expect(await reasons()).toEqual(['overflow'])
      expect(stage.channel.stats()).toMatchObject({ disconnected: 1, subscribers: 0 })
      expect(await frozen.ended()).toBe('cut')
      const again = await connect('/channel/disconnect', { lastEventId: first.lastEventId })
      const missed = await again.take(FINITE_EVENTS - 1)
      expect(missed.map(numberOf)).toEqual(range(2, FINITE_EVENTS))
    },
  },
  {
    id: 'SSE-CHAN-21',
    level: 'MUST',
    name: 'many subscribers share one HTTP/2 session; one that does not read, or is reset, stops no other',
    spec: SPECS.http2FlowControl,
    requires: ['HTTP/2'],
    async run({ url, use, stage, reasons }) {
      const { channel } = stage
      const session = await use(openHttp2Session(url))
      const frozen = await session.request({ path: '/channel/drop-oldest' })
      const reset = await session.request({ path: '/channel' })
      const paths = range(1, 20).map(() => ({ path: '/channel' }))
      const others = await Promise.all(paths.map((options) => session.request(options)))
      await Promise.all([frozen, reset, ...others].map((stream) => stream.head()))
      frozen.pause()
      for (const number of range(1, 64)) {
        channel.publish(`${number} ${'x'.repeat(4_096)}`)
        await nextTurn()
      }
      await reset.reset()
      expect(await reasons()).toEqual(['client-disconnect'])
      channel.publish('the last one')
      const ends = others.map((stream) => stream.waitFor((text) => text.includes('the last one')))
      for (const text of await Promise.all(ends)) {
        const numbers = [...text.matchAll(/^data: (\d+) x/gm)].map(([, number]) => Number(number))
        expect(numbers).toEqual(range(1, 64))
      }
      expect(channel.stats().dropped).toBeGreaterThan(0)
    },
  },
]

function droppingCase(number: number, policy: OverflowPolicy, where: string): ConformanceCase {
  return {
    id: caseId('CHAN', number),
    level: 'MUST',
    name: `${policy}: a client that was frozen is told how many events it lost, ${where}`,
    spec: SPECS.backPressure,
    async run({ connect, stage, sse }) {
      const { channel } = stage
      const frozen = await connect(`/channel/${policy}`, { readAheadBytes: 0 })
      await publishFlood(channel, 1, FINITE_EVENTS)
      expect(channel.stats().dropped).toBeGreaterThan(0)
      const { lost, numbers } = await readAll(frozen, FINITE_EVENTS)
      // Not before: what is compressed in another thread still takes its time, and the last may be lost meanwhile.
      expect(lost).toBe(channel.stats().dropped)
      expect(numbers.length + lost).toBe(FINITE_EVENTS)
      if (policy === 'drop-oldest') expect(numbers.at(-1)).toBe(FINITE_EVENTS)
      publishNumbers(channel, FINITE_EVENTS + 1, FINITE_EVENTS + 1)
      expect(numberOf(await frozen.nextEvent())).toBe(FINITE_EVENTS + 1)
      expect(sse.stats().active).toBe(1)
    },
  }
}

/** Reads until every event up to `last` was there, or was told to be lost, in the place where it is. */
async function readAll(
  connection: EventStreamConnection,
  last: number,
): Promise<{ readonly numbers: readonly number[]; readonly lost: number }> {
  const numbers: number[] = []
  let lost = 0
  for (let next = 1; next <= last; ) {
    const event = await connection.nextEvent()
    if (event.event === 'gap') {
      const gap = gapOf(event)
      expect(gap.reason).toBe('dropped')
      lost += gap.lost ?? 0
      next += gap.lost ?? 0
    } else {
      expect(numberOf(event)).toBe(next)
      numbers.push(next)
      next += 1
    }
  }
  return { numbers, lost }
}
