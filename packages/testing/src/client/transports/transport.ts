/** A request, ready to be sent by any transport. */
export interface OutgoingRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

/** A response whose body is still coming. */
export interface TransportResponse {
  readonly status: number
  readonly headers: Headers
  /**
   * The body in the pieces in which it came. Reading stops where the consumer stops; it ends when
   * the body is complete and throws when the connection broke before that.
   */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives up the exchange, if it is not over, and everything it holds. Never rejects. */
  close(): Promise<void>
}

/**
 * Sends a request and resolves when the response head is in. `signal` gives up the wait for the
 * head; afterwards only `close()` counts.
 */
export type Transport = (
  request: OutgoingRequest,
  signal: AbortSignal,
) => Promise<TransportResponse>

/** Response headers as pairs of name and value, which keeps those that came more than once. */
export function toHeaders(pairs: Iterable<readonly [string, string]>): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) headers.append(name, value)
  return headers
}
