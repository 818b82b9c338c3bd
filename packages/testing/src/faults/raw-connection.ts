import type { Socket } from 'node:net'
import { assertOptions } from '../client/invalid-option.ts'
import { toHeaders } from '../client/transports/transport.ts'
import type { WaitOptions } from '../client/waiting.ts'
import { pointAtCaller, pointsAtCaller } from '../point-at-caller.ts'
import { openSocket } from './open-socket.ts'
import { createIntake, type RawHead, type RawIntake } from './raw-intake.ts'
import {
  type EncodedRequest,
  encodeRawRequest,
  RAW_REQUEST_OPTIONS,
  type RawRequestOptions,
} from './raw-request.ts'

const END_OF_HEAD = '\r\n\r\n'

/**
 * A TCP connection on which a request was sent, with the ways in which clients misbehave.
 *
 * @public
 */
export interface RawConnection extends RawIntake, AsyncDisposable {
  /** The socket, for what is not here. */
  readonly socket: Socket

  /**
   * Sends more bytes, such as another request. Resolves when the kernel has taken them; rejects
   * with the error of the socket, or with `ERR_SSE_TEST_TIMEOUT` if the peer does not read.
   */
  write(data: string | Uint8Array): Promise<void>

  /**
   * Sends a FIN and goes on reading: the client has said all it had to say, and still listens.
   * `node:http` servers end the response on it unless they were told otherwise; proxies may not.
   * Resolves and rejects like `write`.
   *
   * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6}
   */
  halfClose(): Promise<void>

  /**
   * Sends a RST: the peer's next read or write fails with `ECONNRESET` or `EPIPE`. It is what a
   * crash, a firewall or an impatient proxy looks like. Resolves when the socket is gone.
   */
  reset(): Promise<void>

  /**
   * Goes away with a FIN, or with the RST that the kernel sends where bytes were left unread.
   * Resolves when the socket is gone; safe to call twice.
   */
  close(): Promise<void>

  /** The same as {@link RawConnection.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens a TCP connection of its own and writes one HTTP/1 request on it, byte by byte as told.
 *
 * @param url - Where a server listens; `http:` only. {@link serve} gives one.
 * @param options - See {@link RawRequestOptions}.
 * @returns Resolves when the kernel has taken the request. Reading starts at once.
 * @throws {@link SseTestError} `ERR_SSE_TEST_NO_RESPONSE` if there is no connection,
 * `ERR_SSE_TEST_TIMEOUT` if the request could not be sent in time, `ERR_SSE_TEST_TARGET` and
 * `ERR_SSE_TEST_OPTION` if it cannot be made: the URL must be `http:`.
 *
 * @example A client of HTTP/1.0
 * ```ts
 * import { openRawRequest, serve } from '@sse/testing'
 *
 * const app = await serve((req, res) => void res.end(`data: ${req.httpVersion}\n\n`))
 * const connection = await openRawRequest(app.url, { httpVersion: '1.0' })
 * console.log(await connection.ended(), connection.text.includes('data: 1.0')) // => ended true
 * await app.close()
 * ```
 *
 * @example A client that resets the connection in the middle of the stream
 * ```ts
 * import { openRawRequest, serve } from '@sse/testing'
 *
 * let notice = () => {}
 * const noticed = new Promise<void>((resolve) => (notice = resolve))
 * const app = await serve((_req, res) => {
 *   res.on('close', notice)
 *   res.write('data: 1\n\n')
 * })
 * const connection = await openRawRequest(app.url)
 * await connection.waitFor((text) => text.includes('data: 1'))
 * await connection.reset()
 * await noticed
 * await app.close()
 * ```
 *
 * @public
 */
export async function openRawRequest(
  url: string | URL,
  options: RawRequestOptions = {},
): Promise<RawConnection> {
  return pointAtCaller(openRawRequest, async () => {
    assertOptions('`openRawRequest()`', options, RAW_REQUEST_OPTIONS)
    return sendRaw(await encodeRawRequest(url, options), options)
  })
}

/** Sends bytes on a connection of their own. With `isPaused`, nothing is read until `resume()`. */
export async function sendRaw(
  request: EncodedRequest,
  options: WaitOptions & { isPaused?: boolean } = {},
): Promise<RawConnection> {
  const socket = await openSocket(request, options)
  const { intake, finish, settle } = createIntake(socket, options)
  socket.on('end', () => finish('ended'))
  socket.on('error', () => finish('reset'))
  socket.on('close', () => finish('ended'))
  const leave = async (go: () => void): Promise<void> => {
    finish('closed')
    if (socket.closed) return
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    go()
    await closed
  }
  const close = () => leave(() => void socket.destroy())
  const connection: RawConnection = Object.assign(intake, {
    socket,
    write: pointsAtCaller((data: string | Uint8Array) =>
      settle('write()', (done) => void socket.write(data, done)),
    ),
    halfClose: pointsAtCaller(() => settle('halfClose()', (done) => void socket.end(done))),
    reset: () => leave(() => void socket.resetAndDestroy()),
    head: pointsAtCaller((options?: WaitOptions) => readHead(intake, options)),
    close,
    [Symbol.asyncDispose]: close,
  })
  try {
    await connection.write(request.bytes)
  } catch (error) {
    socket.destroy()
    throw error
  }
  return connection
}

async function readHead(
  intake: Pick<RawIntake, 'waitFor'>,
  options: WaitOptions | undefined,
): Promise<RawHead> {
  const text = await intake.waitFor((received) => received.includes(END_OF_HEAD), options)
  const [statusLine = '', ...fields] = text.slice(0, text.indexOf(END_OF_HEAD)).split('\r\n')
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: toHeaders(fields.map(toPair)),
  }
}

function toPair(field: string): [string, string] {
  const colon = field.indexOf(':')
  return [field.slice(0, colon), field.slice(colon + 1).trim()]
}
