import { expect } from 'vitest'
import { frozenReader } from '../../faults/frozen-reader.ts'
import { openHttp2Session } from '../../faults/http2-session.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import type { ScenarioOptions } from '../scenario.ts'
import { SPECS } from '../specs.ts'

/** What ends a stream that does not end by itself. */
export const DEADLINE_CASES: readonly ConformanceCase[] = [
  deadlineCase(1, 'a source that sends nothing', 'idle-timeout', { idleTimeoutMs: 30 }),
  deadlineCase(2, 'a stream that is open for long', 'max-duration', { maxDurationMs: 30 }),
  {
    id: 'SSE-TIME-03',
    level: 'MUST',
    name: 'heartbeats do not keep an idle stream open',
    spec: SPECS.timeouts,
    setup: { options: { idleTimeoutMs: 200, heartbeatMs: 10 } },
    async run({ connect, reasons }) {
      const connection = await connect('/silent')
      expect(await connection.ended()).toBe('completed')
      expect(connection.comments.length).toBeGreaterThan(1)
      expect(await reasons()).toEqual(['idle-timeout'])
    },
  },
  {
    id: 'SSE-TIME-04',
    level: 'MUST',
    name: 'events keep a stream from being idle',
    spec: SPECS.timeouts,
    setup: { options: { idleTimeoutMs: 5_000 } },
    async run({ connect, sse }) {
      const connection = await connect('/ticks')
      expect(await connection.take(30)).toHaveLength(30)
      expect(sse.stats().active).toBe(1)
    },
  },
  {
    id: 'SSE-TIME-05',
    level: 'MUST',
    name: 'a stream ends after its most events, and its source with it',
    spec: SPECS.processing,
    async run({ connect, reasons, recorder }) {
      const connection = await connect('/two-events')
      expect((await connection.all()).map(({ data }) => data)).toEqual(['one', 'two'])
      expect(await reasons()).toEqual(['closed'])
      expect(recorder.sources.map(({ produced }) => produced)).toEqual([2])
    },
  },
  {
    id: 'SSE-TIME-06',
    level: 'MUST',
    name: 'a client that takes nothing of a flood is dropped after the send timeout',
    spec: SPECS.timeouts,
    setup: { options: { sendTimeoutMs: 60 } },
    async run({ connect, reasons, recorder }) {
      const connection = await connect('/flood', { readAheadBytes: 0 })
      expect(await reasons()).toEqual(['send-timeout'])
      expect(await connection.ended()).toBe('cut')
      expect(recorder.sources.length).toBe(1)
    },
  },
  {
    id: 'SSE-TIME-07',
    level: 'MUST',
    name: 'a client that takes nothing more of what is sent is dropped after the send timeout',
    spec: SPECS.timeouts,
    requires: ['HTTP/1.1'],
    setup: { options: { sendTimeoutMs: 60 } },
    async run({ url, use, reasons }) {
      const reader = await use(frozenReader(url, { path: '/flood' }))
      expect(await reasons()).toEqual(['send-timeout'])
      expect(reader.bytesRead).toBe(0)
    },
  },
  {
    id: 'SSE-TIME-08',
    level: 'MUST',
    name: 'a client that does not even take the first comment is dropped after the send timeout',
    spec: SPECS.timeouts,
    requires: ['in-process calls'],
    setup: { options: { sendTimeoutMs: 40, heartbeatMs: 10 } },
    async run({ connect, reasons }) {
      await connect('/silent', { readAheadBytes: 0 })
      expect(await reasons()).toEqual(['send-timeout'])
    },
  },
  {
    id: 'SSE-TIME-09',
    level: 'MUST',
    name: 'an HTTP/2 stream that takes nothing is reset alone: the others of its session go on',
    spec: SPECS.http2FlowControl,
    requires: ['HTTP/2'],
    setup: { options: { sendTimeoutMs: 60 } },
    async run({ url, use, stage, reasons }) {
      const session = await use(openHttp2Session(url))
      const other = await session.request({ path: '/gated' })
      await other.waitFor((text) => text.includes('one'))
      const frozen = await session.request({ path: '/flood' })
      frozen.pause()
      expect(await reasons()).toEqual(['send-timeout'])
      stage.open('second')
      expect(await other.ended()).toBe('ended')
      expect(other.text).toContain('data: two\n\n')
    },
  },
]

function deadlineCase(
  number: number,
  what: string,
  reason: string,
  options: ScenarioOptions,
): ConformanceCase {
  return {
    id: caseId('TIME', number),
    level: 'MUST',
    name: `${what} is ended in good order, and its source with it`,
    spec: SPECS.timeouts,
    setup: { options: { ...options, completion: { event: 'done' } } },
    async run({ connect, reasons }) {
      const connection = await connect('/silent')
      expect(await connection.all()).toEqual([])
      expect(await connection.ended()).toBe('completed')
      expect(await reasons()).toEqual([reason])
    },
  }
}
