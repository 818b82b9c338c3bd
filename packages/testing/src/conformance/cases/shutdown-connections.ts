import { expect } from 'vitest'
import { openHttp2Session } from '../../faults/http2-session.ts'
import { openRawRequest } from '../../faults/raw-connection.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { full } from '../full.ts'
import { SPECS } from '../specs.ts'

/** After `sse.close()`, nothing of the streams holds up a server that closes. */
export const SHUTDOWN_CONNECTION_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-DOWN-09',
    level: 'MUST',
    name: 'server.close() completes after it',
    spec: SPECS.serverClose,
    requires: ['sockets'],
    async run({ connect, sse, stopListening }) {
      await Promise.all([connect('/patient'), connect('/silent'), connect('/parked')])
      await sse.close()
      await stopListening()
      expect(sse.stats().active).toBe(0)
    },
  },
  {
    id: 'SSE-DOWN-10',
    level: 'MUST',
    name: 'server.close() completes after a client had to be dropped',
    spec: SPECS.serverClose,
    requires: ['sockets'],
    async run(trial) {
      const { connect, sse, stopListening } = trial
      await connect('/flood', { readAheadBytes: 0 })
      await full(trial)
      const stopped = stopListening()
      await sse.close({ graceMs: 50 })
      await stopped
      expect(sse.stats().active).toBe(0)
    },
  },
  {
    id: 'SSE-DOWN-13',
    level: 'SHOULD',
    name: 'the connection below a stream is closed, or it would hold up a server that closes already',
    spec: SPECS.tearDown,
    requires: ['HTTP/1.1'],
    async run({ url, use, sse, stopListening }) {
      const connection = await use(openRawRequest(url, { path: '/patient' }))
      await connection.waitFor((text) => text.includes('data: one'))
      const stopped = stopListening()
      await sse.close({ event: 'bye' })
      // Node itself closes a connection that nobody uses after 5 s.
      expect(await connection.ended({ timeoutMs: 1_000 })).toBe('ended')
      expect(connection.text).toContain('data: bye\n\n')
      await stopped
    },
  },
  {
    id: 'SSE-DOWN-14',
    level: 'SHOULD',
    name: 'the session below HTTP/2 streams is closed once they have ended',
    spec: SPECS.http2GoAway,
    requires: ['HTTP/2'],
    async run({ url, use, sse }) {
      const { session, request, close } = await use(openHttp2Session(url))
      const streams = [await request({ path: '/patient' }), await request({ path: '/patient' })]
      await Promise.all(streams.map((stream) => stream.waitFor((text) => text.includes('one'))))
      await sse.close({ event: 'bye' })
      await Promise.all(streams.map((stream) => stream.ended()))
      expect(streams.map(({ text }) => text.includes('data: bye\n\n'))).toEqual([true, true])
      await eventually(() => expect(session.closed).toBe(true), 1_000)
      await close()
    },
  },
]
