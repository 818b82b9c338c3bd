import { connect, type EventStreamConnection } from '@sse/testing'
import { certificate } from '../adapters/certificate.ts'
import type { Proxy } from './proxy.ts'

/** Opens a stream through a proxy, over HTTP/2 where that speaks TLS. */
export function open(
  { url }: Proxy,
  path: string,
  headers?: Record<string, string>,
): Promise<EventStreamConnection> {
  const isSecure = url.startsWith('https:')
  return connect(`${url}${path}`, {
    timeoutMs: 10_000,
    ...(headers && { headers }),
    ...(isSecure && { http2: true, ca: certificate().cert }),
  })
}
