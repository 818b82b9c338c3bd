import { assertOptions, invalidOption, type KnownOptions } from '../client/invalid-option.ts'
import { now, startTimer, stopTimer } from '../clock.ts'
import { pointAtCaller } from '../point-at-caller.ts'
import { frozenReader } from './frozen-reader.ts'
import type { RawConnection } from './raw-connection.ts'
import { RAW_REQUEST_OPTIONS, type RawRequestOptions } from './raw-request.ts'

const TICK_MS = 20

/**
 * Options of {@link slowReader}.
 *
 * @public
 */
export interface SlowReaderOptions extends RawRequestOptions {
  /**
   * How many bytes are read in a second at most, response head included; more than 0. What is read
   * at once is 64 KiB, so that it is never faster than about 3 MB per second.
   */
  readonly bytesPerSecond: number
}

const SLOW_READER_OPTIONS: KnownOptions<SlowReaderOptions> = {
  ...RAW_REQUEST_OPTIONS,
  bytesPerSecond: true,
}

/**
 * A client on a bad line: it reads, evenly, at most so many bytes per second.
 *
 * The server feels it when the kernel's buffers are full, which takes about 4 MB on loopback; from
 * then on its writes go through at that speed. `resume()` reads the rest at full speed.
 *
 * @param url - Where a server listens; `http:` only.
 * @param options - See {@link SlowReaderOptions}.
 * @returns Resolves when the request is sent. `bytesRead` tells how far it got.
 * @throws {@link SseTestError} as {@link openRawRequest}, and `ERR_SSE_TEST_OPTION` if
 * `bytesPerSecond` is no positive number.
 *
 * @example
 * ```ts
 * import { serve, slowReader } from '@sse/testing'
 *
 * const app = await serve((_req, res) => void res.end(`data: ${'x'.repeat(1_000)}\n\n`))
 * const reader = await slowReader(app.url, { bytesPerSecond: 20_000 })
 * await reader.waitFor((text) => text.includes('x\n\n'))
 * console.log(reader.bytesRead > 1_000) // => true, after some 60 ms
 * await app.close()
 * ```
 *
 * @public
 */
export async function slowReader(
  url: string | URL,
  options: SlowReaderOptions,
): Promise<RawConnection> {
  return pointAtCaller(slowReader, async () => {
    assertOptions('`slowReader()`', options, SLOW_READER_OPTIONS)
    return readSlowly(url, options)
  })
}

async function readSlowly(
  url: string | URL,
  { bytesPerSecond, ...options }: SlowReaderOptions,
): Promise<RawConnection> {
  if (typeof bytesPerSecond !== 'number' || !(bytesPerSecond > 0)) {
    throw invalidOption('bytesPerSecond', 'a positive number of bytes', bytesPerSecond)
  }
  const reader = await frozenReader(url, options)
  readEvenly(reader, bytesPerSecond)
  return reader
}

function readEvenly({ socket }: RawConnection, bytesPerSecond: number): void {
  let earnedBytes = 0
  let lastMs = now()
  const tick = () => {
    const nowMs = now()
    // What could not be read in time is lost: a pause of the server is no credit for a burst.
    earnedBytes =
      Math.min(earnedBytes, bytesPerSecond) + ((nowMs - lastMs) / 1_000) * bytesPerSecond
    lastMs = nowMs
    const size = Math.min(Math.floor(earnedBytes), socket.readableLength)
    // `read(0)` takes nothing, but makes the socket fetch more, or notice the end.
    socket.read(size)
    earnedBytes -= size
    timer = startTimer(tick, TICK_MS)
  }
  let timer = startTimer(tick, TICK_MS)
  socket.once('close', () => stopTimer(timer))
}
