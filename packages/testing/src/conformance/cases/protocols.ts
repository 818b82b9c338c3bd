import { expect } from 'vitest'
import { openHttp2Session } from '../../faults/http2-session.ts'
import { pipelineRequests } from '../../faults/pipeline-requests.ts'
import { openRawRequest } from '../../faults/raw-connection.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { SPECS } from '../specs.ts'

/** What the protocols below allow for. */
export const PROTOCOL_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-HTTP-01',
    level: 'MUST',
    name: 'a client of HTTP/1.0 gets the plain body, which ends with the connection',
    spec: SPECS.transferEncoding,
    requires: ['HTTP/1.1'],
    async run({ url, use, reasons }) {
      const connection = await use(openRawRequest(url, { path: '/two-events', httpVersion: '1.0' }))
      expect(await connection.ended()).toBe('ended')
      expect((await connection.head()).headers.get('transfer-encoding')).toBe(null)
      const body = connection.text.slice(connection.text.indexOf('\r\n\r\n') + 4)
      expect(body).toBe(':\ndata: one\n\ndata: two\n\n')
      expect(await reasons()).toEqual(['closed'])
    },
  },
  {
    id: 'SSE-HTTP-02',
    level: 'MUST',
    name: 'a client of HTTP/1.0 gets events while they are made',
    spec: SPECS.transferEncoding,
    requires: ['HTTP/1.1'],
    async run({ url, use, stage }) {
      const connection = await use(openRawRequest(url, { path: '/gated', httpVersion: '1.0' }))
      await connection.waitFor((text) => text.endsWith(':\ndata: one\n\n'))
      stage.open('second')
      await connection.waitFor((text) => text.endsWith('data: two\n\n'))
    },
  },
  {
    id: 'SSE-HTTP-03',
    level: 'MUST',
    name: 'the connection can be used again after the end of a stream',
    spec: SPECS.persistence,
    requires: ['HTTP/1.1'],
    async run({ url, use, reasons }) {
      const connection = await use(openRawRequest(url, { path: '/two-events' }))
      await reasons()
      await connection.write('GET /two-events HTTP/1.1\r\nhost: localhost\r\n\r\n')
      expect(await reasons(2)).toEqual(['closed', 'closed'])
      await connection.waitFor((text) => count(text, 'data: two\n\n') === 2)
      expect(count(connection.text, 'HTTP/1.1 200')).toBe(2)
    },
  },
  {
    id: 'SSE-HTTP-04',
    level: 'MUST',
    name: 'the connection can be used again after a refusal',
    spec: SPECS.persistence,
    requires: ['HTTP/1.1'],
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ url, use, connect, reasons, sse }) {
      const open = await connect('/patient')
      const connection = await use(openRawRequest(url, { path: '/two-events' }))
      await connection.waitFor((text) => /^HTTP\/1.1 503 [^]*Try again later\."}}/.test(text))
      await open.close()
      await reasons()
      expect(sse.stats().active).toBe(0)
      await connection.write('GET /two-events HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await connection.waitFor((text) => count(text, 'data: two\n\n') === 1)
    },
  },
  {
    id: 'SSE-HTTP-05',
    level: 'MUST',
    name: 'pipelined requests are answered in their order',
    spec: SPECS.pipelining,
    requires: ['HTTP/1.1'],
    async run({ url, use, stage, reasons }) {
      stage.events = ['last']
      const requests = [{ path: '/two-events' }, { path: '/identity' }, { path: '/events' }]
      const connection = await use(pipelineRequests(url, requests))
      const text = await connection.waitFor((received) => received.includes('data: last\n\n'))
      expect(count(text, 'HTTP/1.1 200')).toBe(3)
      expect(text.indexOf('data: two')).toBeLessThan(text.indexOf('lastEventId'))
      expect((await reasons(3)).sort()).toEqual(['closed', 'completed', 'completed'])
    },
  },
  {
    id: 'SSE-HTTP-06',
    level: 'MUST',
    name: 'streams that wait behind an endless one end with their client',
    spec: SPECS.pipelining,
    requires: ['HTTP/1.1'],
    async run({ url, use, reasons, recorder }) {
      const requests = [{ path: '/patient' }, { path: '/silent' }, { path: '/ticks' }]
      const connection = await use(pipelineRequests(url, requests))
      await connection.waitFor((text) => text.includes('data: one'))
      await connection.close()
      expect(await reasons(recorder.streams.length)).toEqual(
        recorder.streams.map(() => 'client-disconnect'),
      )
    },
  },
  {
    id: 'SSE-HTTP-07',
    level: 'MUST',
    name: 'many streams share one HTTP/2 session',
    spec: SPECS.http2FlowControl,
    requires: ['HTTP/2'],
    async run({ url, use, reasons }) {
      const session = await use(openHttp2Session(url))
      const paths = Array.from({ length: 20 }, () => ({ path: '/two-events' }))
      const streams = await Promise.all(paths.map((options) => session.request(options)))
      await Promise.all(streams.map((stream) => stream.ended()))
      expect(streams.map(({ text }) => text)).toEqual(
        paths.map(() => ':\ndata: one\n\ndata: two\n\n'),
      )
      expect(new Set(await reasons(20))).toEqual(new Set(['closed']))
    },
  },
]

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
