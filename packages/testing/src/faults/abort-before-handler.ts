import { openSocket } from './raw-connection.ts'
import { encodeRawRequest, type RawRequestOptions } from './raw-request.ts'

/**
 * A client that leaves at once: the whole request and the FIN after it are with the server's
 * kernel before the server reads the first byte. Its handler runs, for a client that is gone.
 *
 * A server in this process runs the handler after this function has resolved or shortly before;
 * `node:http` notices the end one read later, so a handler sees `close` after its first `await`.
 *
 * @param url - Where a server listens; `http:` only.
 * @param options - See {@link RawRequestOptions}. A body of more than 64 KiB may not be sent whole.
 * @returns Resolves when the socket is gone. Await something in the handler to see what it did.
 * @throws {@link SseTestError} as {@link openRawRequest}.
 *
 * @example
 * ```ts
 * import { once } from 'node:events'
 * import { abortBeforeHandler, serve } from '@sse/testing'
 *
 * const noticed = Promise.withResolvers<void>()
 * const app = await serve((_req, res) => once(res, 'close').then(() => noticed.resolve()))
 * await abortBeforeHandler(app.url, { path: '/chat', body: { question: 'Hello?' } })
 * await noticed.promise
 * await app.close()
 * ```
 *
 * @public
 */
export async function abortBeforeHandler(
  url: string | URL,
  options: RawRequestOptions = {},
): Promise<void> {
  const request = await encodeRawRequest(url, options)
  const socket = await openSocket(request)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  // A write on an idle socket reaches the kernel before it returns, and so before the FIN.
  socket.write(request.bytes)
  socket.destroy()
  await closed
}
