import { SseTestError, type SseTestErrorCode } from '../errors.ts'
import type { StreamState } from './stream-state.ts'
import { shorten, summarize } from './summary.ts'

// How much of a body that is no event stream is waited for before an error shows it.
const SHOWN_BODY_CHARACTERS = 120

/** A call of a waiting method, as its errors name it. */
export interface Call {
  /** For example `` `take(3)` ``. */
  readonly label: string
  /** Whether it makes sense only on an event stream. */
  readonly readsEvents: boolean
}

/** Throws if events cannot come, as soon as enough of the body is there to say why. */
export function assertEventStream(state: StreamState): void {
  const { isEventStream, end, received } = state
  if (isEventStream || (!end && received.text.length <= SHOWN_BODY_CHARACTERS)) return
  throw notAnEventStream(state)
}

/** Throws if the connection broke. */
export function assertNotCut(state: StreamState, { label }: Call): void {
  if (state.end !== 'cut') return
  const reason = state.cause instanceof Error ? `: ${state.cause.message}` : ''
  throw failure(state, 'ERR_SSE_TEST_CUT', `${label} failed, the connection broke${reason}`)
}

/** The error of a call that needs more than has come, when the stream has ended. */
export function endedEarly(state: StreamState, { label }: Call): SseTestError {
  const how = state.end === 'closed' ? 'was closed by the test' : 'ended'
  return failure(state, 'ERR_SSE_TEST_ENDED', `${label} failed, the event stream ${how} before`)
}

/** The error of a call whose time is over. */
export function timedOut(state: StreamState, call: Call, timeoutMs: number): SseTestError {
  if (call.readsEvents && !state.isEventStream) return notAnEventStream(state)
  const problem = `${call.label} timed out after ${timeoutMs} ms, the response is still open`
  return failure(state, 'ERR_SSE_TEST_TIMEOUT', problem)
}

function failure(state: StreamState, code: SseTestErrorCode, problem: string): SseTestError {
  const { received, cause } = state
  return new SseTestError(code, `${problem}. ${summarize(received)}`, {
    events: [...received.events],
    ...(cause !== undefined && { cause }),
  })
}

function notAnEventStream({ label, response, received }: StreamState): SseTestError {
  const type = response.headers.get('content-type') ?? 'without content type'
  const body = received.text ? JSON.stringify(shorten(received.text)) : 'empty'
  return new SseTestError(
    'ERR_SSE_TEST_NOT_AN_EVENT_STREAM',
    `${label}: not an event stream, which is 200 text/event-stream: the response is ${response.status} ` +
      `${type}, its body is ${body}`,
  )
}
