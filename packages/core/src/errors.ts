/**
 * Why an event stream ended. Exactly one of these, decided once: it is the `code` of the
 * {@link SseError} in `stream.signal.reason`, what `stream.ended` resolves to, what `onEnd` gets
 * and what `stats().ended` counts.
 *
 * - `completed`: the source ended by itself and its last byte was handed over.
 * - `client-disconnect`: the client, or something between, closed the connection.
 * - `send-timeout`: bytes waited `sendTimeoutMs` and the client took none.
 * - `idle-timeout`: the source sent no event for `idleTimeoutMs`.
 * - `max-duration`: the stream was open for `maxDurationMs`.
 * - `overflow`: unawaited sends filled `maxBufferedBytes`, or a channel the subscriber's queue, while the client was
 *   not reading.
 * - `shutdown`: `sse.close()` was called.
 * - `source-error`: the source or the handler threw.
 * - `closed`: `stream.close()` was called, or `maxEvents` was reached.
 *
 * @public
 */
export type EndReason =
  | 'completed'
  | 'client-disconnect'
  | 'send-timeout'
  | 'idle-timeout'
  | 'max-duration'
  | 'overflow'
  | 'shutdown'
  | 'source-error'
  | 'closed'

/**
 * Every code an {@link SseError} can carry. Codes are API: they are never renamed.
 *
 * - `ERR_SSE_INVALID_OPTION`: an option is unknown, of the wrong type or out of range.
 * - `ERR_SSE_INVALID_FIELD`: `event`, `id`, `retry` or `comment` cannot be written to the wire.
 * - `ERR_SSE_INVALID_DATA`: `data` cannot be serialised to text.
 * - `ERR_SSE_INVALID_EVENT`: what was sent is no event, or does not match its schema.
 * - `ERR_SSE_INVALID_SOURCE`: a handler returned something that cannot be streamed.
 * - `ERR_SSE_INVALID_CONTEXT`: a handler or `respond` got something else than the request of its framework.
 * - `ERR_SSE_INVALID_STREAM`: a channel got something else than the event stream of a handler.
 * - `ERR_SSE_CHANNEL_CLOSED`: something was published to a channel that was closed.
 * - `ERR_SSE_LIMIT_REACHED`: a channel has all the subscribers, or a registry all the runs, that it may have.
 * - `ERR_SSE_RESPONSE_SENT`: the response was already sent when the event stream was to open.
 * - `ERR_SSE_ORPHANED_SOURCE`: a source did not finish its cleanup within `cleanupTimeoutMs`.
 * - an {@link EndReason}: the error is the `reason` of the signal of an event stream that ended.
 *
 * @public
 */
export type SseErrorCode =
  | 'ERR_SSE_INVALID_OPTION'
  | 'ERR_SSE_INVALID_FIELD'
  | 'ERR_SSE_INVALID_DATA'
  | 'ERR_SSE_INVALID_EVENT'
  | 'ERR_SSE_INVALID_SOURCE'
  | 'ERR_SSE_INVALID_CONTEXT'
  | 'ERR_SSE_INVALID_STREAM'
  | 'ERR_SSE_CHANNEL_CLOSED'
  | 'ERR_SSE_LIMIT_REACHED'
  | 'ERR_SSE_RESPONSE_SENT'
  | 'ERR_SSE_ORPHANED_SOURCE'
  | EndReason

/**
 * The one error class of this library. Its message names what was wrong, the rule, the value
 * received and, where it can be guessed, the fix. It never reaches a client by itself.
 *
 * @example
 * ```ts
 * try {
 *   encodeEvent({ id: 'a\nb', data: 'x' })
 * } catch (error) {
 *   if (error instanceof SseError) console.log(error.code) // 'ERR_SSE_INVALID_FIELD'
 * }
 * ```
 *
 * @public
 */
export class SseError extends Error {
  /** Tells errors apart in code; see {@link SseErrorCode}. */
  readonly code: SseErrorCode

  /**
   * @param code - One of {@link SseErrorCode}.
   * @param message - What was wrong, the rule, the value received, the fix.
   * @param options - `cause`: the error that led to this one.
   */
  constructor(code: SseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SseError'
    this.code = code
  }
}

const LONGEST_SHOWN = 80
// Keys and names may come from a client, and must not forge a line in a log.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]+/gu

/** Shows a received value in an error message: short, on one line, and never throwing. */
export function show(value: unknown): string {
  const text = describe(value).replace(UNPRINTABLE, ' ')
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}

function describe(value: unknown): string {
  try {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
    if (typeof value === 'object' && value !== null) return showObject(value)
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  } catch {
    // A revoked proxy, or a name that is no string: there is nothing to be said about it.
    return `a value of type ${typeof value}`
  }
}

function showObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  const name = Object.getPrototypeOf(value)?.constructor?.name
  if (name === '') return Object.prototype.toString.call(value)
  if (name !== undefined && name !== 'Object') return `an instance of ${name}`
  const keys = Object.keys(value)
  return keys.length === 0 ? '{}' : `an object with ${keys.slice(0, 5).join(', ')}`
}
