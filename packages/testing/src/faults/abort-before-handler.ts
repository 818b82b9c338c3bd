import { assertOptions } from '../client/invalid-option.ts'
import { pointAtCaller } from '../point-at-caller.ts'
import { openSocket } from './open-socket.ts'
import { encodeRawRequest, RAW_REQUEST_OPTIONS, type RawRequestOptions } from './raw-request.ts'

/**
 * A client that leaves at once: the whole request and the FIN after it are with the server's
 * kernel before the server reads the first byte. Its handler runs, for a client that is gone.
 *
 * `node:http` notices the end one read later: the handler starts before the request and the response
 * emit `close`, and what it starts must be stopped by that.
 *
 * @param url - Where a server listens; `http:` only.
 * @param options - See {@link RawRequestOptions}. A body of more than 64 KiB may not be sent whole.
 * @returns Resolves when the socket is gone, which may be before the handler has started: let the
 * handler tell the test what it did.
 * @throws {@link SseTestError} as {@link openRawRequest}.
 *
 * @example
 * ```ts
 * import { abortBeforeHandler, serve } from '@sse/testing'
 *
 * let notice = () => {}
 * const noticed = new Promise<void>((resolve) => (notice = resolve))
 * const app = await serve((_req, res) => void res.on('close', notice))
 * await abortBeforeHandler(app.url, { path: '/chat', body: { question: 'Hello?' } })
 * await noticed
 * await app.close()
 * ```
 *
 * @public
 */
export async function abortBeforeHandler(
  url: string | URL,
  options: RawRequestOptions = {},
): Promise<void> {
  return pointAtCaller(abortBeforeHandler, () => abort(url, options))
}

async function abort(url: string | URL, options: RawRequestOptions): Promise<void> {
  assertOptions('`abortBeforeHandler()`', options, RAW_REQUEST_OPTIONS)
  const request = await encodeRawRequest(url, options)
  const socket = await openSocket(request, options)
  // A server that refuses at once is left as well.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  // A write on an idle socket reaches the kernel before it returns, and so before the FIN.
  socket.write(request.bytes)
  socket.destroy()
  await closed
}
