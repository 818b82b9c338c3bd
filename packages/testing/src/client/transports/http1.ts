import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { readableChunks } from './readable-chunks.ts'
import { type Transport, type TransportResponse, toHeaders } from './transport.ts'

/**
 * HTTP/1.1 over a socket of its own: nothing is pooled, retried or decompressed on the way. `ca`
 * is trusted for `https:` URLs.
 */
export function http1Transport(ca?: string): Transport {
  return (request, signal) => {
    const secure = request.url.protocol === 'https:'
    // Keep-alive, as browsers have it: the end of the response is then not the end of the socket.
    const agent = secure
      ? new HttpsAgent({ keepAlive: true, ...(ca && { ca }) })
      : new HttpAgent({ keepAlive: true })
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? httpsRequest : httpRequest)(request.url, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        agent,
      })
      const abort = () => outgoing.destroy(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      outgoing.on('close', () => signal.removeEventListener('abort', abort))
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        signal.removeEventListener('abort', abort)
        resolve(toTransportResponse(outgoing, incoming))
      })
      outgoing.end(request.body)
    })
  }
}

function toTransportResponse(
  outgoing: ClientRequest,
  incoming: IncomingMessage,
): TransportResponse {
  const { socket } = incoming
  const body = readableChunks(incoming, () => incoming.complete)
  // One exchange per socket: at its end the socket goes as well, and keeps no process alive.
  incoming.on('close', () => socket.destroy())
  return {
    status: incoming.statusCode ?? 0,
    headers: toHeaders(pairs(incoming.rawHeaders)),
    body,
    close() {
      outgoing.destroy()
      socket.destroy()
      return socket.closed
        ? Promise.resolve()
        : new Promise((resolve) => socket.once('close', () => resolve()))
    },
  }
}

function* pairs(rawHeaders: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i < rawHeaders.length; i += 2)
    yield [rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']
}
