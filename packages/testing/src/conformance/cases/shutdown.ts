import { expect } from 'vitest'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { full } from '../full.ts'
import { SPECS } from '../specs.ts'

/** `sse.close()`: streams end in good order, or at least in time. */
export const SHUTDOWN_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-DOWN-01',
    level: 'MUST',
    name: 'every client gets the last event and a jittered reconnection time, and a clean end',
    spec: SPECS.processing,
    async run({ connect, reasons, sse }) {
      const connections = [await connect('/patient'), await connect('/ticks')]
      await Promise.all(connections.map((connection) => connection.take(1)))
      await sse.close({ retryMs: 2_000, event: { event: 'bye', data: { again: true } } })
      for (const connection of connections) {
        const last = (await connection.all()).at(-1)
        expect([last?.event, last?.data]).toEqual(['bye', '{"again":true}'])
        expect(await connection.ended()).toBe('completed')
        expect(connection.retry).toBeGreaterThanOrEqual(2_000)
        expect(connection.retry).toBeLessThanOrEqual(3_000)
      }
      expect(await reasons(2)).toEqual(['shutdown', 'shutdown'])
      expect(sse.stats().active).toBe(0)
    },
  },
  {
    id: 'SSE-DOWN-02',
    level: 'MUST',
    name: 'new clients are refused with a 503',
    spec: SPECS.unavailable,
    async run({ connect, sse, recorder }) {
      await sse.close()
      const { response } = await connect('/events')
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await response.json()).toMatchObject({ error: { code: 'shutdown' } })
      expect(recorder.rejects.map(({ reason }) => reason)).toEqual(['shutdown'])
    },
  },
  {
    id: 'SSE-DOWN-03',
    level: 'MUST',
    name: 'clients in the queue are refused with a 503',
    spec: SPECS.unavailable,
    setup: { options: { limit: { maxConnections: 1, maxQueued: 1 } } },
    async run({ connect, sse }) {
      await connect('/silent')
      const waiting = connect('/silent')
      await eventually(() => expect(sse.stats().queued).toBe(1))
      await sse.close()
      expect((await waiting).response.status).toBe(503)
      expect(sse.stats()).toMatchObject({ active: 0, queued: 0, rejected: { shutdown: 1 } })
    },
  },
  {
    id: 'SSE-DOWN-04',
    level: 'MUST',
    name: 'a client that does not read is dropped when the grace time is over',
    spec: SPECS.timeouts,
    async run(trial) {
      const { connect, reasons, sse } = trial
      const stalled = await connect('/flood', { readAheadBytes: 0 })
      await full(trial)
      const other = await connect('/patient')
      await sse.close({ graceMs: 300, event: 'bye' })
      expect(sse.stats().active).toBe(0)
      expect(await reasons(2)).toEqual(['shutdown', 'shutdown'])
      expect((await other.all()).map(({ data }) => data)).toEqual(['one', 'bye'])
      expect(await stalled.ended()).toBe('cut')
    },
  },
  {
    id: 'SSE-DOWN-05',
    level: 'MUST',
    name: 'a source that is parked holds nothing up',
    spec: SPECS.timeouts,
    async run({ connect, reasons, recorder, sse }) {
      const connection = await connect('/parked')
      await connection.take(1)
      await sse.close()
      expect(await reasons()).toEqual(['shutdown'])
      expect(await connection.ended()).toBe('completed')
      expect(recorder.sources[0]?.cleaned).toBe(0)
    },
  },
  {
    id: 'SSE-DOWN-06',
    level: 'MUST',
    name: 'it may be called twice, and with nothing open',
    spec: SPECS.timeouts,
    async run({ connect, sse, reasons }) {
      const connection = await connect('/patient')
      await connection.take(1)
      await Promise.all([sse.close(), sse.close({ event: 'late' })])
      await sse.close()
      expect(await connection.all()).toEqual([])
      expect(await reasons()).toEqual(['shutdown'])
    },
  },
  {
    id: 'SSE-DOWN-07',
    level: 'MUST',
    name: 'what was sent before reaches the client before the farewell',
    spec: SPECS.backPressure,
    async run({ connect, stage, sse, reasons }) {
      stage.events = Array.from({ length: 64 }, (_, number) => ({
        id: String(number),
        data: 'x'.repeat(8_192),
      }))
      stage.isHeld = true
      const connection = await connect('/push')
      await eventually(() => expect(sse.stats().events).toBe(64))
      await sse.close({ event: 'bye' })
      const events = await connection.all()
      expect(events.map(({ id }) => id)).toEqual([
        ...stage.events.map((_, n) => String(n)),
        undefined,
      ])
      expect(events.at(-1)?.data).toBe('bye')
      expect(await reasons()).toEqual(['shutdown'])
    },
  },
  {
    id: 'SSE-DOWN-08',
    level: 'MUST',
    name: 'without grace all are dropped at once',
    spec: SPECS.timeouts,
    async run(trial) {
      const { connect, sse, reasons } = trial
      await connect('/flood', { readAheadBytes: 0 })
      await full(trial)
      await sse.close({ graceMs: 0 })
      expect(sse.stats().active).toBe(0)
      expect(await reasons()).toEqual(['shutdown'])
    },
  },
  {
    id: 'SSE-DOWN-11',
    level: 'MUST',
    name: 'many streams all end in good order, and are not told to come back together',
    spec: SPECS.processing,
    async run({ connect, sse, reasons }) {
      const connections = await Promise.all(Array.from({ length: 30 }, () => connect('/patient')))
      await Promise.all(connections.map((connection) => connection.take(1)))
      await sse.close({ retryMs: 10_000, event: 'bye' })
      const last = await Promise.all(connections.map((connection) => connection.all()))
      expect(last.map((events) => events.map(({ data }) => data))).toEqual(last.map(() => ['bye']))
      expect(new Set(connections.map(({ retry }) => retry)).size).toBeGreaterThan(1)
      expect(new Set(await reasons(30))).toEqual(new Set(['shutdown']))
    },
  },
  {
    id: 'SSE-DOWN-12',
    level: 'MUST',
    name: 'a client that reads again within the grace time gets all that was sent, and the farewell',
    spec: SPECS.backPressure,
    async run(trial) {
      const { connect, sse, reasons, recorder } = trial
      const connection = await connect('/flood', { readAheadBytes: 0 })
      await full(trial)
      const closing = sse.close({ graceMs: 8_000, event: { event: 'bye' } })
      const events = await connection.all()
      await closing
      expect(events.at(-1)?.event).toBe('bye')
      expect(events.slice(0, -1).map(({ id }) => id)).toEqual(
        events.slice(0, -1).map((_, index) => String(index + 1)),
      )
      expect(events.length - 1).toBe(recorder.ends[0]?.info.events)
      expect(await connection.ended()).toBe('completed')
      expect(await reasons()).toEqual(['shutdown'])
    },
  },
]
