import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import type { Readable } from 'node:stream'
import type { Emit } from './agent/happening.ts'
import { parseInto, readWith } from './agent/read.ts'
import { type Client, openWith, resumeHeaders } from './client.ts'

/** The fetch that Node has built in. */
export const nodeFetch: Client = {
  name: "Node's fetch",
  protocols: ['http/1.1'],
  reconnects: false,
  headerText: 'latin1',
  open: ({ url }, path, options) =>
    openWith(`fetch at ${path}`, (emit) =>
      readWith(fetch)(url + path, resumeHeaders(options), emit),
    ),
}

/** The plain client of `node:http`. */
export const nodeHttp: Client = {
  name: 'node:http',
  protocols: ['http/1.1'],
  reconnects: false,
  headerText: 'latin1',
  open: ({ url }, path, options) =>
    openWith(`node:http at ${path}`, (emit) => {
      const headers = resumeHeaders(options)
      const request = get(url + path, { agent: false, headers }, (response: IncomingMessage) =>
        readBody(response, response.statusCode, emit),
      )
      request.on('error', (error) => emit({ type: 'failed', why: error.message }))
      return () => request.destroy()
    }),
}

/** The plain client of `node:http2`. */
export const nodeHttp2: Client = {
  name: 'node:http2',
  protocols: ['h2c', 'h2'],
  reconnects: false,
  headerText: 'latin1',
  open: ({ url }, path, options) =>
    openWith(`node:http2 at ${path}`, (emit) => {
      const session = connect(url, { rejectUnauthorized: false })
      const request = session.request({ ':path': path, ...resumeHeaders(options) })
      const fail = (error: Error): void => emit({ type: 'failed', why: error.message })
      session.on('error', fail)
      request.on('error', fail)
      request.on('response', (headers) => readBody(request, headers[':status'], emit))
      return () => {
        request.close()
        session.destroy()
      }
    }),
}

function readBody(body: Readable, status: number | undefined, emit: Emit): void {
  if (status !== 200) return emit({ type: 'failed', why: `status ${status}` })
  emit({ type: 'open' })
  body.setEncoding('utf8').on('data', parseInto(emit))
  body.on('end', () => emit({ type: 'end' }))
}
