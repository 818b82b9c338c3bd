import { createChannel } from '@sse/core'
import { expect } from 'vitest'
import type { ConnectOptions } from '../../client/connect.ts'
import { nextTurn } from '../../clock.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { atRest } from '../eventually.ts'
import { numberOf, publishLarge, publishNumbers, range } from '../publishing.ts'
import { FINITE_EVENTS } from '../scenarios/floods.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

// So many that clients come and go meanwhile, and no more than one of them may leave waiting.
const MOST_EVENTS = 20_000
const EVENTS_PER_TURN = 5
const RECONNECTIONS = 12

// How many events a client takes before it is cut: in the first one, in a write, in the middle of a replay.
const TAKES = [1, 7, 40, 300]

/** Resume is exact: nothing is lost, and nothing doubled. */
export const RESUME_CASES: readonly ConformanceCase[] = [
  exactCase(1, 'the last event ID of a header', '/channel', (lastEventId) => ({ lastEventId })),
  exactCase(
    2,
    'the last event ID of a query',
    (id) => `/channel?lastEventId=${id}`,
    () => ({}),
  ),
  exactCase(3, 'the last event ID of a POST', '/channel', (lastEventId) => ({
    lastEventId,
    body: {},
  })),
  exactCase(
    4,
    'the last event ID that is sent to an ordinary handler',
    '/respond/channel',
    (lastEventId) => ({
      lastEventId,
      headers: { 'x-allowed': 'yes' },
    }),
  ),
  {
    id: 'SSE-RESUME-05',
    level: 'MUST',
    name: 'a client that is cut again and again loses and doubles nothing, while much is published',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      stage.channel = createChannel({ history: { maxEvents: MOST_EVENTS, maxBytes: 2 ** 26 } })
      const { channel } = stage
      let isOver = false
      const publishing = publishAtSpeed()
      const numbers: number[] = []
      let lastEventId: string | undefined
      for (let turn = 0; ; turn += 1) {
        isOver = turn >= RECONNECTIONS
        const path = lastEventId === undefined ? '/channel/start' : '/channel'
        const connection = await connect(path, { lastEventId })
        if (connection.response.status === 204) break
        let left = isOver ? Infinity : (TAKES[turn % TAKES.length] as number)
        for await (const event of connection) {
          numbers.push(numberOf(event))
          left -= 1
          if (left === 0) break
        }
        lastEventId = connection.lastEventId
        await connection.close()
      }
      await publishing
      const { published, lapped } = channel.stats()
      expect(numbers).toEqual(range(1, published))
      expect(lapped).toBe(0)

      async function publishAtSpeed(): Promise<void> {
        for (let next = 1; next < MOST_EVENTS && !isOver; next += EVENTS_PER_TURN) {
          publishNumbers(channel, next, next + EVENTS_PER_TURN - 1)
          await nextTurn()
        }
        channel.close()
      }
    },
  },
  {
    id: 'SSE-RESUME-06',
    level: 'MUST',
    name: 'a client may continue after each event, also where many came in one write',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      const first = await connect('/channel')
      publishNumbers(stage.channel, 1, 10)
      for (const event of await first.take(10)) {
        const connection = await connect('/channel', { lastEventId: event.lastEventId })
        const left = range(numberOf(event) + 1, 10)
        expect((await connection.take(left.length)).map(numberOf)).toEqual(left)
        await connection.close()
      }
      expect(stage.channel.stats().lapped).toBe(0)
    },
  },
  {
    id: 'SSE-RESUME-07',
    level: 'MUST',
    name: 'a client that missed nothing gets nothing again, and no gap',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      const ids = publishNumbers(stage.channel, 1, 3)
      const connection = await connect('/channel', { lastEventId: ids.at(-1) })
      await connection.waitFor(({ text }) => text !== '')
      publishNumbers(stage.channel, 4, 4)
      expect((await connection.take(1)).map(numberOf)).toEqual([4])
      expect(connection.text).toMatch(/^:\ndata: 4\nid: [^\n]+\n\n$/)
    },
  },
  {
    id: 'SSE-RESUME-08',
    level: 'MUST',
    name: 'a replay goes as fast as its client reads, and what is published meanwhile follows it',
    spec: SPECS.backPressure,
    async run({ connect, stage }) {
      stage.channel = createChannel({ history: { maxBytes: 64 * 1_048_576 } })
      const { channel } = stage
      for (const number of range(1, FINITE_EVENTS)) publishLarge(channel, number)
      const connection = await connect('/channel/start', { readAheadBytes: 0 })
      expect(await atRest(() => channel.stats().delivered)).toBeLessThan(FINITE_EVENTS)
      publishNumbers(channel, FINITE_EVENTS + 1, FINITE_EVENTS + 9)
      const numbers = (await connection.take(FINITE_EVENTS + 9)).map(numberOf)
      expect(numbers).toEqual(range(1, FINITE_EVENTS + 9))
    },
  },
  {
    id: 'SSE-RESUME-09',
    level: 'MUST',
    name: 'a stream of two channels continues in both of them, after each of its events',
    spec: SPECS.lastEventId,
    async run(trial) {
      const { connect, stage } = trial
      const first = await connect('/channels')
      publishInBoth(trial, 1, 6)
      const events = await first.take(12)
      await first.close()
      for (const [index, { lastEventId }] of events.entries()) {
        const connection = await connect('/channels', { lastEventId })
        const left = await connection.take(11 - index)
        const all = [...events.slice(0, index + 1), ...left].map(({ data }) => data)
        expect(all.filter((data) => data.startsWith('a'))).toEqual(range(1, 6).map((n) => `a${n}`))
        expect(all.filter((data) => data.startsWith('b'))).toEqual(range(1, 6).map((n) => `b${n}`))
        await connection.close()
      }
      expect([stage.channel.stats().lapped, stage.other.stats().lapped]).toEqual([0, 0])
    },
  },
  {
    id: 'SSE-RESUME-10',
    level: 'MUST',
    name: 'a client that has everything of a closed channel is answered with 204, others with the rest',
    spec: SPECS.introduction,
    async run({ connect, stage, sse, reasons }) {
      const ids = publishNumbers(stage.channel, 1, 3)
      stage.channel.close()
      const done = await connect('/channel', { lastEventId: ids[2] })
      expect([done.response.status, await done.response.text()]).toEqual([204, ''])
      const headers = { 'x-allowed': 'yes' }
      const responded = await connect('/respond/channel', { lastEventId: ids[2], headers })
      expect(responded.response.status).toBe(204)
      const behind = await connect('/channel', { lastEventId: ids[0] })
      expect((await behind.all()).map(numberOf)).toEqual([2, 3])
      const fresh = await connect('/channel/start')
      expect((await fresh.all()).map(numberOf)).toEqual([1, 2, 3])
      expect(await reasons(4)).toEqual(range(1, 4).map(() => 'completed'))
      expect(sse.stats().active).toBe(0)
    },
  },
  {
    id: 'SSE-RESUME-11',
    level: 'MUST',
    name: 'where its head was sent before, such a client gets a clean end at once',
    spec: SPECS.introduction,
    async run({ connect, stage, reasons }) {
      const ids = publishNumbers(stage.channel, 1, 3)
      stage.channel.close()
      const connection = await connect('/channel/late', { lastEventId: ids[2] })
      await connection.waitFor(({ text }) => text === ':\n')
      stage.open('handler')
      expect(await connection.all()).toEqual([])
      expect(connection.response.status).toBe(200)
      expect(await reasons()).toEqual(['completed'])
    },
  },
]

function exactCase(
  number: number,
  what: string,
  path: string | ((id: string) => string),
  optionsOf: (id: string) => ConnectOptions,
): ConformanceCase {
  return {
    id: caseId('RESUME', number),
    level: 'MUST',
    name: `${what} brings exactly what was missed, and then what comes`,
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      const ids = publishNumbers(stage.channel, 1, 500)
      const id = ids[199] as string
      const connection = await connect(typeof path === 'string' ? path : path(id), optionsOf(id))
      publishNumbers(stage.channel, 501, 510)
      const events = await connection.take(310)
      expect(events.map(numberOf)).toEqual(range(201, 510))
      expect(events.slice(0, 300).map(({ id: own }) => own)).toEqual(ids.slice(200))
      expect(stage.channel.stats()).toMatchObject({ delivered: 310, lapped: 0 })
    },
  }
}

function publishInBoth({ stage }: Trial, first: number, last: number): void {
  for (const number of range(first, last)) {
    stage.channel.publish(`a${number}`)
    stage.other.publish(`b${number}`)
  }
}
