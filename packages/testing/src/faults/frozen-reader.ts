import { assertOptions, invalidOption, type KnownOptions } from '../client/invalid-option.ts'
import { pointAtCaller } from '../point-at-caller.ts'
import { openRawRequest, type RawConnection, sendRaw } from './raw-connection.ts'
import { encodeRawRequest, RAW_REQUEST_OPTIONS, type RawRequestOptions } from './raw-request.ts'

/**
 * Options of {@link frozenReader}.
 *
 * @public
 */
export interface FrozenReaderOptions extends RawRequestOptions {
  /**
   * When reading stops: before the first byte, or as soon as the response head is there, which may
   * bring up to 64 KiB of the body with it.
   *
   * @defaultValue `'request'`
   */
  readonly after?: 'request' | 'head' | undefined
}

const FROZEN_READER_OPTIONS: KnownOptions<FrozenReaderOptions> = {
  ...RAW_REQUEST_OPTIONS,
  after: true,
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
 * import { frozenReader, serve } from '@sse/testing'
 *
 * let giveUp = () => {}
 * const givenUp = new Promise<void>((resolve) => (giveUp = resolve))
 * const app = await serve((_req, res) => {
 *   res.setTimeout(100, () => res.destroy())
 *   res.on('close', giveUp)
 *   res.write('x'.repeat(64 * 1_048_576))
 * })
 * const reader = await frozenReader(app.url)
 * await givenUp
 * console.log(reader.bytesRead) // => 0
 * await reader.close()
 * await app.close()
 * ```
 *
 * @public
 */
export async function frozenReader(
  url: string | URL,
  options: FrozenReaderOptions = {},
): Promise<RawConnection> {
  return pointAtCaller(frozenReader, async () => {
    assertOptions('`frozenReader()`', options, FROZEN_READER_OPTIONS)
    return freeze(url, options)
  })
}

async function freeze(
  url: string | URL,
  { after = 'request', ...options }: FrozenReaderOptions,
): Promise<RawConnection> {
  if (after === 'request') {
    const { timeoutMs } = options
    return sendRaw(await encodeRawRequest(url, options), { isPaused: true, timeoutMs })
  }
  if (after !== 'head') throw invalidOption('after', "'request' or 'head'", after)
  const reader = await openRawRequest(url, options)
  try {
    await reader.waitFor((text) => pauseAfterHead(reader, text))
  } catch (error) {
    await reader.close()
    throw error
  }
  return reader
}

function pauseAfterHead(reader: RawConnection, text: string): boolean {
  const hasHead = text.includes('\r\n\r\n')
  if (hasHead) reader.pause()
  return hasHead
}
