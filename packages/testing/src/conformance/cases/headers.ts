import { expect } from 'vitest'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

/** The response head of an event stream. */
export const HEADER_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-HEAD-01',
    level: 'MUST',
    name: 'the response is 200 text/event-stream, in UTF-8 if it says so',
    spec: SPECS.processing,
    async run(trial) {
      const { response } = (await exchange(trial, ['one'])).connection
      expect(response.status).toBe(200)
      // Express appends the charset; Chromium gives up on any other.
      expect(response.headers.get('content-type')).toMatch(
        /^text\/event-stream(; ?charset=utf-8)?$/i,
      )
    },
  },
  headerCase(2, 'caches store nothing and transform nothing', 'cache-control', {
    expected: 'no-cache, no-transform',
    spec: SPECS.cacheControl,
  }),
  headerCase(3, 'nginx is told not to buffer', 'x-accel-buffering', {
    expected: 'no',
    spec: SPECS.nginxBuffering,
  }),
  headerCase(4, 'there is no Content-Length', 'content-length', {
    expected: null,
    spec: SPECS.transferEncoding,
  }),
  {
    id: 'SSE-HEAD-05',
    level: 'MUST',
    name: 'Connection and Transfer-Encoding are left to the HTTP/1.1 server',
    spec: SPECS.transferEncoding,
    requires: ['HTTP/1.1'],
    async run(trial) {
      const { headers } = (await trial.connect('/patient')).response
      expect(headers.get('transfer-encoding')).toBe('chunked')
      expect(headers.get('connection')).toBe('keep-alive')
    },
  },
  {
    id: 'SSE-HEAD-06',
    level: 'MUST',
    name: 'no header of the connection is in an HTTP/2 response',
    spec: SPECS.http2Headers,
    requires: ['HTTP/2'],
    run: assertNoConnectionHeaders,
  },
  {
    id: 'SSE-HEAD-07',
    level: 'MUST',
    name: 'no header of the connection is in a Response',
    spec: SPECS.http2Headers,
    requires: ['in-process calls'],
    run: assertNoConnectionHeaders,
  },
  headerCase(8, 'headers of earlier middleware stay', 'x-request-id', {
    earlier: 'abc',
    expected: 'abc',
    spec: SPECS.processing,
  }),
  headerCase(
    9,
    'Cache-Control of earlier middleware stays, and gets no-transform',
    'cache-control',
    {
      earlier: 'private, max-age=0',
      expected: 'private, max-age=0, no-transform',
      spec: SPECS.cacheControl,
    },
  ),
  headerCase(10, 'Cache-Control that says no-transform stays as it is', 'cache-control', {
    earlier: 'No-Transform, no-store',
    expected: 'No-Transform, no-store',
    spec: SPECS.cacheControl,
  }),
  headerCase(11, 'X-Accel-Buffering of earlier middleware stays', 'x-accel-buffering', {
    earlier: 'yes',
    expected: 'yes',
    spec: SPECS.nginxBuffering,
  }),
  headerCase(12, 'Content-Type of earlier middleware does not stay', 'content-type', {
    earlier: 'application/json',
    expected: /^text\/event-stream/,
    spec: SPECS.processing,
  }),
  {
    id: 'SSE-HEAD-13',
    level: 'MUST',
    name: 'CORS middleware works for event streams',
    spec: SPECS.cors,
    requires: ['CORS middleware'],
    async run(trial) {
      const headers = { origin: 'https://app.example' }
      const { connection, data } = await exchange(trial, ['one'], '/events', { headers })
      const allowed = connection.response.headers.get('access-control-allow-origin')
      expect(['*', 'https://app.example']).toContain(allowed)
      expect(data).toEqual(['one'])
    },
  },
  {
    id: 'SSE-HEAD-14',
    level: 'MUST',
    name: 'CORS middleware works for refusals, so that pages may read them',
    spec: SPECS.cors,
    requires: ['CORS middleware'],
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ connect }) {
      await connect('/silent')
      const { response } = await connect('/events', { headers: { origin: 'https://app.example' } })
      expect(response.status).toBe(503)
      expect(response.headers.get('access-control-allow-origin')).toBeTruthy()
    },
  },
  {
    id: 'SSE-HEAD-15',
    level: 'MUST',
    name: 'compression middleware holds no event back',
    spec: SPECS.cacheControl,
    requires: ['compression middleware'],
    async run({ connect, stage }) {
      const connection = await connect('/gated')
      expect((await connection.nextEvent()).data).toBe('one')
      expect(connection.response.headers.get('content-encoding')).toBe(null)
      stage.open('second')
      expect((await connection.nextEvent()).data).toBe('two')
    },
  },
  {
    id: 'SSE-HEAD-16',
    level: 'SHOULD',
    name: 'compression middleware goes on to compress other responses',
    spec: SPECS.cacheControl,
    requires: ['compression middleware'],
    async run({ connect, stage, takeFrameworkErrors }) {
      stage.error = new Error('x'.repeat(10_000))
      const { response } = await connect('/throw/sync')
      expect(response.headers.get('content-encoding')).toMatch(/^(gzip|br)$/)
      expect(takeFrameworkErrors()).toHaveLength(1)
    },
  },
  headerCase(17, 'Content-Length of earlier middleware does not stay', 'content-length', {
    earlier: '5',
    expected: null,
    spec: SPECS.transferEncoding,
  }),
]

async function assertNoConnectionHeaders(trial: Parameters<ConformanceCase['run']>[0]) {
  const { headers } = (await trial.connect('/patient')).response
  const names = [...headers.keys()]
  const forbidden = ['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'upgrade']
  expect(names.filter((name) => forbidden.includes(name))).toEqual([])
}

function headerCase(
  number: number,
  name: string,
  header: string,
  { earlier, expected, spec }: { earlier?: string; expected: string | RegExp | null; spec: string },
): ConformanceCase {
  return {
    id: caseId('HEAD', number),
    level: 'MUST',
    name,
    spec,
    ...(earlier !== undefined && {
      requires: ['earlier headers'],
      setup: { earlierHeaders: { [header]: earlier } },
    }),
    async run(trial) {
      // A stream that is open: some servers add a length to one that has ended.
      const connection = await trial.connect('/patient')
      const value = connection.response.headers.get(header)
      if (expected instanceof RegExp) expect(value).toMatch(expected)
      else expect(value).toBe(expected)
      expect((await connection.nextEvent()).data).toBe('one')
    },
  }
}
