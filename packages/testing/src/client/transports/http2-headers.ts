import type { IncomingHttpHeaders } from 'node:http2'
import { type OutgoingRequest, toHeaders } from './transport.ts'

/** The header block of a request, pseudo-header fields included. */
export function toHttp2Headers({ url, method, headers }: OutgoingRequest): Record<string, string> {
  return {
    ...Object.fromEntries(headers),
    ':method': method,
    ':path': url.pathname + url.search,
  }
}

/** The headers of a response, without the pseudo-header fields. */
export function fromHttp2Headers(headers: IncomingHttpHeaders): Headers {
  return toHeaders(pairs(headers))
}

function* pairs(headers: IncomingHttpHeaders): Generator<readonly [string, string]> {
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) yield [name, String(one)]
  }
}
