import { expect } from 'vitest'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { full } from '../full.ts'
import {
  FINITE_EVENTS,
  FLOOD_EVENT_BYTES,
  PACED_EVENT_BYTES,
  PACED_EVENTS,
} from '../scenarios/floods.ts'
import { SPECS } from '../specs.ts'

// The kernel buffers on both sides of a socket, the client's own, and `maxBufferedBytes` on top. A flood is
// ten times that.
const MOST_BYTES = 24 * 1_048_576

/** What a client that does not read may cost. */
export const MEMORY_CASES: readonly ConformanceCase[] = [
  boundedCase(1, 'a generator is not asked for more', '/flood'),
  boundedCase(2, 'a synchronous generator is not asked for more', '/flood/sync'),
  boundedCase(3, 'send() does not resolve', '/flood/push'),
  {
    id: 'SSE-MEMORY-04',
    level: 'MUST',
    name: 'sends that nobody waits for end the stream when the bound is reached',
    spec: SPECS.exhaustion,
    async run({ connect, stage, recorder, reasons, sse }) {
      const connection = await connect('/flood/unawaited', { readAheadBytes: 0 })
      await connection.take(1)
      stage.open('flood')
      expect(await reasons()).toEqual(['overflow'])
      expect((recorder.sources[0]?.produced ?? 0) * FLOOD_EVENT_BYTES).toBeLessThan(MOST_BYTES)
      expect(sse.stats().dropped).toBeGreaterThan(0)
      expect(await connection.ended()).toBe('cut')
    },
  },
  {
    id: 'SSE-MEMORY-05',
    level: 'MUST',
    name: 'so do sends of one turn of the event loop, in which no client can read',
    spec: SPECS.exhaustion,
    async run({ connect, reasons, sse }) {
      // Whether there is a response before the connection is dropped is up to the server.
      await connect('/flood/burst').catch(() => undefined)
      expect(await reasons()).toEqual(['overflow'])
      expect(sse.stats().bytes).toBeLessThan(MOST_BYTES)
    },
  },
  readsAgainCase(6, 'large events', '/flood/finite', FINITE_EVENTS, FLOOD_EVENT_BYTES),
  {
    id: 'SSE-MEMORY-07',
    level: 'MUST',
    name: 'a client that does not read does not hold up the others',
    spec: SPECS.backPressure,
    async run(trial) {
      const { connect, sse } = trial
      await connect('/flood', { readAheadBytes: 0 })
      await full(trial)
      const other = await connect('/ticks')
      expect(await other.take(10)).toHaveLength(10)
      expect(sse.stats().active).toBe(2)
      expect(sse.stats().stalled).toBeGreaterThan(0)
    },
  },
  {
    id: 'SSE-MEMORY-08',
    level: 'MUST',
    name: 'an event larger than the bound passes when nothing else waits',
    spec: SPECS.backPressure,
    setup: { options: { maxBufferedBytes: 1_024 } },
    async run({ connect, reasons }) {
      const connection = await connect('/flood/large')
      const lengths = (await connection.all()).map(({ data }) => data.length)
      expect(lengths).toEqual([32 * FLOOD_EVENT_BYTES, 'after'.length])
      expect(await reasons()).toEqual(['completed'])
    },
  },
  readsAgainCase(9, 'short events', '/flood/paced', PACED_EVENTS, PACED_EVENT_BYTES),
]

function readsAgainCase(
  number: number,
  what: string,
  path: string,
  count: number,
  bytes: number,
): ConformanceCase {
  return {
    id: caseId('MEMORY', number),
    level: 'MUST',
    name: `a client that reads again gets everything, in order: ${what}`,
    spec: SPECS.backPressure,
    async run(trial) {
      const { connect, reasons } = trial
      const connection = await connect(path, { readAheadBytes: 0 })
      expect(await full(trial)).toBeLessThan(count)
      const events = await connection.all()
      const ids = events.filter(({ data }) => data.length === bytes).map(({ id }) => id)
      expect(ids).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)))
      expect(await reasons()).toEqual(['completed'])
    },
  }
}

function boundedCase(number: number, what: string, path: string): ConformanceCase {
  return {
    id: caseId('MEMORY', number),
    level: 'MUST',
    name: `${what} while the client does not read`,
    spec: SPECS.streamPull,
    async run(trial) {
      await trial.connect(path, { readAheadBytes: 0 })
      expect((await full(trial)) * FLOOD_EVENT_BYTES).toBeLessThan(MOST_BYTES)
      expect(trial.recorder.ends).toEqual([])
    },
  }
}
