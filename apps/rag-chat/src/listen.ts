import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CloseOptions, SseBase } from '@sse/core'

// How long requests that are no event stream may take once the streams are over.
const REST_MS = 500

/**
 * Makes a server listen; port `0` takes a free one.
 *
 * @returns Resolves with its URL, without a slash at the end.
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  // Rejects when `error` comes first.
  await once(server.listen(port, host), 'listening')
  const { address, family, port: own } = server.address() as AddressInfo
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${own}`
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`
}

/** Ends the event streams of a server, and then the server. */
export async function closeServer(
  server: Server,
  sse: Pick<SseBase<never, never, never>, 'close'>,
  options: CloseOptions,
): Promise<void> {
  // No new connections from here on; the streams that are open keep theirs until they are over.
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  await sse.close(options)
  // Browsers also open connections that they send nothing on.
  const timer = setTimeout(() => server.closeAllConnections(), REST_MS)
  await closed
  clearTimeout(timer)
}
