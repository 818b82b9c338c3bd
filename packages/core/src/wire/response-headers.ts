/** Reads a header of a request, or one that earlier middleware may have set on a response. */
export type HeaderReader = (name: string) => string | null | undefined

/**
 * The headers of an event stream, to be set over those that the response already has.
 *
 * `no-transform` keeps compression middleware from holding events back; `X-Accel-Buffering: no`
 * does the same for nginx. A `Cache-Control` that was set before stays and gets `no-transform`. Never `Connection` or
 * `Transfer-Encoding`: both are forbidden in HTTP/2 (RFC 9113, section 8.2.2).
 */
export function eventStreamHeaders(existing: HeaderReader): Record<string, string> {
  return {
    'Content-Type': 'text/event-stream',
    'Cache-Control': cacheControl(existing('Cache-Control')),
    'X-Accel-Buffering': existing('X-Accel-Buffering') ?? 'no',
  }
}

function cacheControl(existing: string | null | undefined): string {
  if (existing === null || existing === undefined || existing === '')
    return 'no-cache, no-transform'
  return /\bno-transform\b/i.test(existing) ? existing : `${existing}, no-transform`
}
