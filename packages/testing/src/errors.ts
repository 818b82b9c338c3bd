import type { ReceivedEvent } from './client/received-event.ts'

/**
 * Every code an {@link SseTestError} can carry. Codes are API: they are never renamed.
 *
 * - `ERR_SSE_TEST_TARGET`: what was given as target is nothing that can be connected to, or a
 *   function that was taken for a fetch handler returned no `Response`.
 * - `ERR_SSE_TEST_OPTION`: an option cannot be used, alone or with this target.
 * - `ERR_SSE_TEST_NO_RESPONSE`: the connection could not be made, or broke before a response head.
 * - `ERR_SSE_TEST_NOT_AN_EVENT_STREAM`: events were asked of a response that is no event stream.
 * - `ERR_SSE_TEST_TIMEOUT`: what was waited for did not come in time.
 * - `ERR_SSE_TEST_ENDED`: the event stream ended, or was closed by the test, before what was
 *   waited for came.
 * - `ERR_SSE_TEST_CUT`: the connection broke before the response body was complete.
 *
 * @public
 */
export type SseTestErrorCode =
  | 'ERR_SSE_TEST_TARGET'
  | 'ERR_SSE_TEST_OPTION'
  | 'ERR_SSE_TEST_NO_RESPONSE'
  | 'ERR_SSE_TEST_NOT_AN_EVENT_STREAM'
  | 'ERR_SSE_TEST_TIMEOUT'
  | 'ERR_SSE_TEST_ENDED'
  | 'ERR_SSE_TEST_CUT'

/**
 * The one error class of the test tools. Its message says what was waited for, and what came
 * instead: status, content type, the events, and the bytes that are no complete event.
 * Its stack begins at the line that called the method or function that failed.
 *
 * @example
 * ```ts
 * import { connect, SseTestError } from '@sse/testing'
 *
 * const silent = () => new Response('', { headers: { 'content-type': 'text/event-stream' } })
 * const connection = await connect(silent)
 * const error: unknown = await connection.take(1).catch((reason: unknown) => reason)
 * console.log(error instanceof SseTestError && error.code) // => ERR_SSE_TEST_ENDED
 * ```
 *
 * @public
 */
export class SseTestError extends Error {
  /** What went wrong, for programs. The message is for people and may change. */
  readonly code: SseTestErrorCode

  /** All events of the connection that had come when the error was made; empty for other tools. */
  readonly events: readonly ReceivedEvent[]

  /**
   * @param code - What went wrong.
   * @param message - What was waited for and what came instead.
   * @param options - `cause` is the underlying error; `events` what had come by then.
   */
  constructor(
    code: SseTestErrorCode,
    message: string,
    options: { cause?: unknown; events?: readonly ReceivedEvent[] } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'SseTestError'
    this.code = code
    this.events = options.events ?? []
  }
}
