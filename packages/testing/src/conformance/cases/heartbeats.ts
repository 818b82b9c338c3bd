import { expect } from 'vitest'
import type { ConformanceCase } from '../conformance-case.ts'
import { SPECS } from '../specs.ts'

// Some 20 times the silence between two ticks.
const HEARTBEAT_MS = 100

/** Comments in silence. */
export const HEARTBEAT_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-BEAT-01',
    level: 'MUST',
    name: 'comments are sent in silence, and make no events',
    spec: SPECS.authoring,
    setup: { options: { heartbeatMs: 10 } },
    async run({ connect }) {
      const connection = await connect('/silent')
      await connection.waitFor(({ comments }) => comments.length > 4)
      expect(connection.text).toMatch(/^(:\n)+$/)
      expect(connection.received).toEqual([])
    },
  },
  {
    id: 'SSE-BEAT-02',
    level: 'MUST',
    name: 'they are no blank lines, of which some clients make empty events after an id',
    spec: SPECS.interpretation,
    setup: { options: { heartbeatMs: 10 } },
    async run({ connect }) {
      const connection = await connect('/patient')
      await connection.waitFor(({ comments }) => comments.length > 4)
      expect(connection.text).toMatch(/^(:\n)+data: one\n\n(:\n)+$/)
    },
  },
  {
    id: 'SSE-BEAT-03',
    level: 'MUST',
    name: 'none is sent while events flow',
    spec: SPECS.authoring,
    setup: { options: { heartbeatMs: HEARTBEAT_MS } },
    async run({ connect }) {
      const connection = await connect('/ticks')
      await connection.take(60)
      const { chunks } = connection
      // On a machine that stalls there is silence between two events, and a heartbeat in it is right.
      const early = chunks.filter(({ bytes, atMs }, index) => {
        const silenceMs = atMs - (chunks[index - 1]?.atMs ?? -HEARTBEAT_MS)
        return /^:$/m.test(new TextDecoder().decode(bytes)) && silenceMs < HEARTBEAT_MS / 2
      })
      expect(early).toEqual([])
    },
  },
  {
    id: 'SSE-BEAT-04',
    level: 'MUST',
    name: 'none is sent where a route has turned them off',
    spec: SPECS.authoring,
    setup: { options: { heartbeatMs: 10 } },
    async run({ connect }) {
      const [quiet, other] = [await connect('/silent/no-heartbeat'), await connect('/silent')]
      await other.waitFor(({ comments }) => comments.length > 5)
      expect(quiet.text).toBe(':\n')
    },
  },
  {
    id: 'SSE-BEAT-05',
    level: 'MUST',
    name: 'none is added while another waits to be read',
    spec: SPECS.backPressure,
    requires: ['in-process calls'],
    setup: { options: { heartbeatMs: 5, sendTimeoutMs: 0 } },
    async run({ connect, recorder, reasons }) {
      const unread = await connect('/silent', { readAheadBytes: 0 })
      const other = await connect('/silent')
      await other.waitFor(({ comments }) => comments.length > 5)
      await unread.close()
      await reasons()
      // The first comment, and at most the one that the client's stream asked for.
      expect(recorder.ends[0]?.info.bytes).toBeLessThanOrEqual(4)
    },
  },
]
