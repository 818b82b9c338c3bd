import type { StreamEnd } from './event-stream-connection.ts'
import type { Received } from './received.ts'
import type { ReceivedEvent } from './received-event.ts'
import type { TransportResponse } from './transports/transport.ts'
import type { Waiting } from './waiting.ts'

/** What all methods of one connection share. */
export interface StreamState {
  /** The method and URL of the request. */
  readonly label: string
  readonly response: TransportResponse
  /** Whether clients would read the response as an event stream. */
  readonly isEventStream: boolean
  readonly received: Received
  readonly waiting: Waiting
  /** How many events have been taken. */
  taken: number
  /** How the body ended; `undefined` while it is open. */
  end: StreamEnd | undefined
  /** Why it was cut. */
  cause: unknown
  /** Lets a reader that waits for demand look again. */
  wake: () => void
}

/** Takes the events up to index `stop`. */
export function takeUpTo(state: StreamState, stop: number): ReceivedEvent[] {
  const events = state.received.events.slice(state.taken, stop)
  state.taken = stop
  state.wake()
  return events
}

/** Ends the stream, unless it has ended. */
export function finish(state: StreamState, end: StreamEnd, cause?: unknown): void {
  if (state.end) return
  state.end = end
  state.cause = cause
  state.wake()
  state.waiting.notify()
}
