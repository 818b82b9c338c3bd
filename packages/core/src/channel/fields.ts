import { SseError, show } from '../errors.ts'
import { encodeEvent } from '../wire/encode-event.ts'
import type { EventInput, Serialize, ServerSentEvent } from '../wire/server-sent-event.ts'

/**
 * Encodes an event up to the place where its id goes.
 *
 * @throws {@link SseError} if it is no event, or one that clients would not see.
 */
export function fieldsOf(event: ServerSentEvent, serialize: Serialize | undefined): string {
  const block = encodeEvent(event, serialize)
  if (event.data === undefined && event.event === undefined) throw notSeen(event)
  // Without the blank line.
  return block.slice(0, -1)
}

/** Gives a string that was published the form of an event, and refuses an id where the log gives one. */
export function toEvent(input: EventInput, keepsEvents: boolean): ServerSentEvent {
  if (typeof input === 'string') return { data: input }
  if (!keepsEvents || input?.id === undefined) return input
  throw new SseError(
    'ERR_SSE_INVALID_EVENT',
    `An event must have no \`id\` in a channel with history, which gives every event one to resume from, got ${show(input.id)}. Put it into \`data\`.`,
  )
}

function notSeen(event: ServerSentEvent): SseError {
  return new SseError(
    'ERR_SSE_INVALID_EVENT',
    `A published event must have \`data\` or \`event\`, because clients dispatch nothing else, got ${show(event)}. For comments and \`retry\`, use \`stream.comment()\` and \`retryMs\`.`,
  )
}
