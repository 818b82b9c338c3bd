import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import { settledWithin } from '../../clock.ts'
import { fromHttp2Headers, toHttp2Headers } from './http2-headers.ts'
import { readableChunks } from './readable-chunks.ts'
import type { OutgoingRequest, Transport, TransportResponse } from './transport.ts'

// A session that was asked to close does so within milliseconds, unless its peer is stuck.
const CLOSE_LIMIT_MS = 500

/**
 * HTTP/2 over a session of its own: with prior knowledge (h2c) for `http:` URLs, negotiated for
 * `https:` ones, where `ca` is trusted.
 */
export function http2Transport(ca?: string): Transport {
  return (request, signal) =>
    new Promise((resolve, reject) => {
      const session = connect(request.url.origin, { ...(ca && { ca }) })
      const stream = startStream(session, request)
      const abort = () => {
        reject(signal.reason)
        void closeExchange(session, stream)
      }
      const fail = (error?: Error) => {
        // A stream that never came to be says so; why, only its cause does.
        const reason = error?.cause instanceof Error ? error.cause : error
        reject(reason ?? new Error('the stream was closed before a response head'))
        void closeExchange(session, stream)
      }
      signal.addEventListener('abort', abort, { once: true })
      session.on('error', fail)
      stream.on('error', fail)
      stream.on('close', () => fail())
      stream.on('response', (headers) => {
        signal.removeEventListener('abort', abort)
        resolve(toTransportResponse(session, stream, headers))
      })
      if (request.body) stream.end(request.body)
    })
}

function startStream(session: ClientHttp2Session, request: OutgoingRequest): ClientHttp2Stream {
  try {
    return session.request(toHttp2Headers(request), { endStream: !request.body })
  } catch (error) {
    // A header that HTTP/2 forbids; the session would go on connecting without a stream.
    session.destroy()
    throw error
  }
}

function toTransportResponse(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
): TransportResponse {
  return {
    status: headers[':status'] ?? 0,
    headers: fromHttp2Headers(headers),
    // A stream that was reset with CANCEL looks like one that ended, but for its code.
    body: readableChunks(stream, () => stream.rstCode === constants.NGHTTP2_NO_ERROR),
    close: () => closeExchange(session, stream),
  }
}

async function closeExchange(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
): Promise<void> {
  if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL)
  if (!session.closed) session.close()
  if (!session.destroyed) {
    await settledWithin(new Promise((resolve) => session.once('close', resolve)), CLOSE_LIMIT_MS)
  }
  session.destroy()
}
