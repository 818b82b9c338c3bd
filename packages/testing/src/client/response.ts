import type { WaitOptions } from './waiting.ts'

/**
 * A response whose head is in. It can be inspected whatever it is: an event stream, a 503, a 404.
 *
 * @public
 */
export interface ConnectionResponse {
  /** The status code. Redirects are not followed. */
  readonly status: number

  /** The response headers. */
  readonly headers: Headers

  /** When the head came: milliseconds since the request was made, on the real clock. */
  readonly atMs: number

  /**
   * The whole body as text, decoded as UTF-8. Resolves when it has ended; rejects with
   * `ERR_SSE_TEST_CUT` or `ERR_SSE_TEST_TIMEOUT`. On an event stream it takes no events.
   */
  text(options?: WaitOptions): Promise<string>

  /**
   * The whole body parsed as JSON. Resolves and rejects like `text`, and with `SyntaxError`.
   */
  json<T = unknown>(options?: WaitOptions): Promise<T>
}

/**
 * Whether a client would read this response as an event stream: status 200 and this MIME essence.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface}
 */
export function isEventStream(status: number, headers: Headers): boolean {
  const essence = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  return status === 200 && essence === 'text/event-stream'
}
