import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** What an event stream means to a client that is not ours. */
export interface ParsedStream {
  /** The events that were dispatched; `id` is what their own block set. */
  readonly events: readonly EventSourceMessage[]
  /** One entry for each comment line. */
  readonly comments: readonly string[]
  readonly retries: readonly number[]
  /** The `id` of each block that set one, whether or not it dispatched an event. */
  readonly ids: readonly string[]
  /** What the parser objected to: nothing, in a stream that we wrote. */
  readonly errors: readonly string[]
}

/** The sizes in bytes of the pieces in which every stream is read. */
export const PIECE_SIZES: readonly number[] = [Infinity, 1, 2]

/**
 * Reads an event stream with `eventsource-parser`, from UTF-8 bytes that arrive in pieces.
 *
 * @param size - Bytes of each piece.
 */
export function parseStream(text: string, size: number = Infinity): ParsedStream {
  const events: EventSourceMessage[] = []
  const comments: string[] = []
  const retries: number[] = []
  const ids: string[] = []
  const errors: string[] = []
  const parser = createParser({
    onEvent: (event) => void events.push(event),
    onComment: (comment) => void comments.push(comment),
    onRetry: (retry) => void retries.push(retry),
    onId: (id) => void ids.push(id),
    onError: (error) => void errors.push(error.message),
  })
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  for (let start = 0; start < bytes.length; start += size) {
    parser.feed(decoder.decode(bytes.subarray(start, start + size), { stream: true }))
  }
  parser.feed(decoder.decode())
  return { events, comments, retries, ids, errors }
}
