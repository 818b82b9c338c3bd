import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Http1Sink } from './node-http1-sink.ts'
import { Http2Sink } from './node-http2-sink.ts'
import type { Sink } from './sink.ts'

/**
 * The request of a `node:http` or `node:http2` server.
 *
 * @public
 */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/**
 * The response of a `node:http` or `node:http2` server.
 *
 * @public
 */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** Writes to the response of a `node:http` or `node:http2` server. */
export function createNodeSink(req: NodeRequest, res: NodeResponse): Sink {
  return isHttp2(req, res)
    ? new Http2Sink(req as Http2ServerRequest, res)
    : new Http1Sink(req as IncomingMessage, res as ServerResponse)
}

// Not `stream` alone: middleware may put one on any response.
function isHttp2({ httpVersionMajor }: NodeRequest, res: NodeResponse): res is Http2ServerResponse {
  return httpVersionMajor >= 2 && 'stream' in res
}
