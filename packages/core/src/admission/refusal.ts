import type { ResolvedLimit } from '../options.ts'
import type { ResponseHead } from '../sinks/sink.ts'
import { encodeRetry } from '../wire/encode-event.ts'
import { eventStreamHeaders, type HeaderReader } from '../wire/response-headers.ts'
import type { RejectReason } from './reject-reason.ts'

const MESSAGES: Readonly<Record<RejectReason, string>> = {
  'server-limit': 'Too many event streams are open. Try again later.',
  'key-limit': 'You have too many event streams open. Close one, or try again later.',
  'queue-timeout': 'Too many event streams are open. Try again later.',
  shutdown: 'The server is shutting down. Try again later.',
}

/** A whole response that says no. */
export interface Refusal {
  readonly head: ResponseHead
  readonly body: string
}

/**
 * The answer to a client that gets no event stream: 503, or 429 where it is the client's own limit, with a
 * jittered `Retry-After` (RFC 9110, section 10.2.3).
 *
 * An EventSource never comes back after either. With `soft` it gets an event stream that
 * only says when to try again, and ends.
 */
export function refusalFor(
  reason: RejectReason,
  limit: Pick<ResolvedLimit<never>, 'soft' | 'retryAfterMs'>,
  existing: HeaderReader,
): Refusal {
  const retryMs = jitter(limit.retryAfterMs)
  if (limit.soft) {
    const head = { status: 200, headers: eventStreamHeaders(existing) }
    return { head, body: `:\n${encodeRetry(retryMs)}` }
  }
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'Retry-After': String(Math.max(1, Math.ceil(retryMs / 1000))),
  }
  const body = JSON.stringify({ error: { code: reason, message: MESSAGES[reason] } })
  return { head: { status: reason === 'key-limit' ? 429 : 503, headers }, body }
}

/** Spreads a wait over 100 to 150 %, so that those who wait do not all come back at once. */
export function jitter(ms: number): number {
  return Math.min(Math.round(ms * (1 + Math.random() / 2)), 2_147_483_647)
}
