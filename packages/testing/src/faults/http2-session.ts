import { type ClientHttp2Session, connect } from 'node:http2'
import type { Socket } from 'node:net'
import { assertOptions, type KnownOptions } from '../client/invalid-option.ts'
import { createRequest, REQUEST_OPTIONS, type RequestOptions, toUrl } from '../client/request.ts'
import { WAIT_OPTIONS, type WaitOptions } from '../client/waiting.ts'
import { pointAtCaller, pointsAtCaller } from '../point-at-caller.ts'
import { openHttp2Stream, type RawHttp2Stream } from './http2-stream.ts'
import { openSocket } from './open-socket.ts'
import { toAddress } from './raw-request.ts'

const STREAM_OPTIONS: KnownOptions<RequestOptions & WaitOptions> = {
  ...REQUEST_OPTIONS,
  ...WAIT_OPTIONS,
}

/**
 * An HTTP/2 session on a TCP connection of its own, without TLS (h2c, with prior knowledge).
 *
 * @public
 */
export interface RawHttp2Session extends AsyncDisposable {
  /** The session, for what is not here. */
  readonly session: ClientHttp2Session

  /**
   * Sends a request on a stream of its own. Resolves when it is on its way, not when answered.
   * Rejects with the error of `node:http2` if the session is over or a header is forbidden.
   *
   * @param options - `timeoutMs` is the default of every waiting method of the stream; unless it is
   * given, that of the session.
   */
  request(options?: RequestOptions & WaitOptions): Promise<RawHttp2Stream>

  /** Sends a TCP RST, which takes all streams down at once. Resolves when the socket is gone. */
  reset(): Promise<void>

  /** Destroys session and socket, with a FIN. Resolves when it is gone; safe to call twice. */
  close(): Promise<void>

  /** The same as {@link RawHttp2Session.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens an HTTP/2 session whose streams can be reset or stalled one by one.
 *
 * @param url - Where a server speaks HTTP/2 without TLS; `http:` only.
 * @param sessionOptions - `timeoutMs` limits the wait for the connection, and is the default of every
 * waiting method of the streams.
 * @returns Resolves when the TCP connection is there.
 * @throws {@link SseTestError} `ERR_SSE_TEST_NO_RESPONSE` if there is no connection,
 * `ERR_SSE_TEST_TIMEOUT` if there was none in time, `ERR_SSE_TEST_TARGET` and
 * `ERR_SSE_TEST_OPTION` if the URL is not `http:`.
 *
 * @example
 * ```ts
 * import { openHttp2Session, serve } from '@sse/testing'
 *
 * const app = await serve((req, res) => void res.write(`data: ${req.url}\n\n`), { http2: true })
 * const session = await openHttp2Session(app.url)
 * const [a, b] = await Promise.all([session.request({ path: '/a' }), session.request({ path: '/b' })])
 * await a.waitFor((text) => text.includes('data: /a'))
 * await a.reset()
 * console.log(await b.waitFor((text) => text.includes('data: /b'))) // goes on without a
 * await app.close()
 * ```
 *
 * @public
 */
export async function openHttp2Session(
  url: string | URL,
  sessionOptions: WaitOptions = {},
): Promise<RawHttp2Session> {
  return pointAtCaller(openHttp2Session, () => openSession(url, sessionOptions))
}

async function openSession(
  url: string | URL,
  sessionOptions: WaitOptions,
): Promise<RawHttp2Session> {
  assertOptions('`openHttp2Session()`', sessionOptions, WAIT_OPTIONS)
  const base = toUrl(url)
  const socket = await openSocket(toAddress(base), sessionOptions)
  const session = connect(base.origin, { createConnection: () => socket })
  // Its streams tell how they ended; a session that fails on its own has nothing to add.
  session.on('error', () => {})
  const close = () => gone(socket, () => session.destroy())
  const reset = async () => {
    await gone(socket, () => socket.resetAndDestroy())
    // Node 20 is told of it only later.
    session.destroy()
  }
  return {
    session,
    request: pointsAtCaller(async (options = {}) => {
      assertOptions('`request()`', options, STREAM_OPTIONS)
      const settings = { ...sessionOptions, ...options }
      return openHttp2Stream(session, await createRequest(base, settings), settings)
    }),
    reset,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function gone(socket: Socket, leave: () => void): Promise<void> {
  if (socket.closed) return
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  leave()
  await closed
}
