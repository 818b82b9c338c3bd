import { type EndReason, SseError } from '../errors.ts'

const SENTENCES: Readonly<Record<EndReason, string>> = {
  completed: 'The event stream ended: its source completed.',
  'client-disconnect': 'The event stream ended: the client closed the connection.',
  'send-timeout': 'The event stream ended: the client took no bytes for `sendTimeoutMs`.',
  'idle-timeout': 'The event stream ended: its source sent nothing for `idleTimeoutMs`.',
  'max-duration': 'The event stream ended: it was open for its `maxDurationMs`.',
  overflow:
    'The event stream ended: the client is not reading, and `maxBufferedBytes` or the queue of its channel is full. Await `stream.send()`, or give the channel another `overflow` policy.',
  shutdown: 'The event stream ended: the server is shutting down.',
  'source-error': 'The event stream ended: its source threw an error.',
  closed: 'The event stream ended: the server closed it.',
}

/** All reasons, in the order in which they are documented. */
export const END_REASONS: readonly EndReason[] = Object.keys(SENTENCES) as EndReason[]

/** The error that a stream's signal carries as its `reason`. */
export function endError(reason: EndReason, cause?: unknown): SseError {
  return new SseError(reason, SENTENCES[reason], cause === undefined ? undefined : { cause })
}
