import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import { fromHttp2Headers, toHttp2Headers } from '../client/transports/http2-headers.ts'
import type { OutgoingRequest } from '../client/transports/transport.ts'
import type { WaitOptions } from '../client/waiting.ts'
import { pointsAtCaller } from '../point-at-caller.ts'
import { createIntake, type RawHead, type RawIntake } from './raw-intake.ts'

/**
 * One request on an HTTP/2 session, with the ways in which it can go wrong alone. `text` is the
 * response body; frames and headers are not part of it.
 *
 * `pause()` leaves the other streams of the session alone: the server sees the flow-control window
 * of this one fill up, which takes 64 KiB.
 *
 * @public
 */
export interface RawHttp2Stream extends RawIntake {
  /** The stream, for what is not here. */
  readonly stream: ClientHttp2Stream

  /**
   * Sends RST_STREAM for this stream; the session and its other streams go on. Resolves when the
   * stream is closed on this side, rejects with `ERR_SSE_TEST_TIMEOUT` if the session is stuck;
   * safe to call twice.
   *
   * @param code - The error code on the wire.
   * @defaultValue 8 (CANCEL), which is what a browser sends when a page stops listening
   * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-6.4}
   */
  reset(code?: number): Promise<void>
}

/** Sends a request on a session. `timeoutMs` is the default of all that waits. */
export function openHttp2Stream(
  session: ClientHttp2Session,
  request: OutgoingRequest,
  options: WaitOptions,
): RawHttp2Stream {
  const stream = session.request(toHttp2Headers(request), { endStream: !request.body })
  let head: RawHead | undefined
  const { intake, finish, notify, settle, waitUntil } = createIntake(stream, options)
  stream.on('response', (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
    head = { status: headers[':status'] ?? 0, headers: fromHttp2Headers(headers) }
    notify()
  })
  // Also emitted for a reset by the peer, which `close` tells by its code.
  stream.on('error', () => {})
  stream.on('close', () => {
    finish(stream.rstCode === constants.NGHTTP2_NO_ERROR ? 'ended' : 'reset')
  })
  if (request.body) stream.end(request.body)
  return Object.assign(intake, {
    stream,
    head: pointsAtCaller((options?: WaitOptions) => waitUntil('head()', () => head, options)),
    reset: pointsAtCaller(async (code: number = constants.NGHTTP2_CANCEL) => {
      finish('closed')
      if (stream.closed) return
      await settle('reset()', (done) => {
        stream.once('close', () => done())
        stream.close(code)
      })
    }),
  })
}
