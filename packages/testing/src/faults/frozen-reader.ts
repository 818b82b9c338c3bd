import type { WaitOptions } from '../client/waiting.ts'
import { openRawRequest, type RawConnection, sendRaw } from './raw-connection.ts'
import { encodeRawRequest, type RawRequestOptions } from './raw-request.ts'

/**
 * Options of {@link frozenReader}.
 *
 * @public
 */
export interface FrozenReaderOptions extends RawRequestOptions, WaitOptions {
  /**
   * When reading stops: before the first byte, or as soon as the response head is there, which may
   * bring up to 64 KiB of the body with it. `timeoutMs` limits the wait for the head.
   *
   * @defaultValue `'request'`
   */
  readonly after?: 'request' | 'head' | undefined
}

/**
 * A client that asks and then does not read: a suspended laptop, a stopped process, a peer that
 * has vanished.
 *
 * The server is told nothing, neither FIN nor RST, so only its own deadlines can end the response.
 * On loopback this is also as near as one can come to a peer that vanished without a word: what
 * differs is that the kernel goes on to acknowledge packets, so the server's writes fill about
 * 4 MB of buffers before they wait. Test with 64 MB or more.
 *
 * @param url - Where a server listens; `http:` only.
 * @param options - See {@link FrozenReaderOptions}.
 * @returns Resolves when the request is sent, or the head is in. `resume()` thaws it; `bytesRead`
 * tells what it took in before; `close()` and `reset()` end it.
 * @throws {@link SseTestError} as {@link openRawRequest}, and `ERR_SSE_TEST_TIMEOUT` if the head
 * did not come.
 *
 * @example
 * ```ts
 * import { once } from 'node:events'
 * import { frozenReader, serve } from '@sse/testing'
 *
 * const app = await serve(async (_req, res) => {
 *   while (res.write(`data: ${'x'.repeat(65_536)}\n\n`)) await null
 *   console.log('the client does not read')
 *   await once(res, 'close')
 * })
 * const reader = await frozenReader(app.url)
 * await reader.reset()
 * await app.close()
 * ```
 *
 * @public
 */
export async function frozenReader(
  url: string | URL,
  { after = 'request', timeoutMs, ...options }: FrozenReaderOptions = {},
): Promise<RawConnection> {
  if (after === 'request') {
    return sendRaw(await encodeRawRequest(url, options), { isPaused: true })
  }
  const reader = await openRawRequest(url, options)
  await reader.waitFor((text) => pauseAfterHead(reader, text), { timeoutMs })
  return reader
}

function pauseAfterHead(reader: RawConnection, text: string): boolean {
  const hasHead = text.includes('\r\n\r\n')
  if (hasHead) reader.pause()
  return hasHead
}
