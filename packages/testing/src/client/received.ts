import { createParser } from 'eventsource-parser'
import { createReceivedEvent, type ReceivedEvent } from './received-event.ts'

/**
 * A piece of the response body as it reached this process: one chunk of HTTP/1.1's chunked coding,
 * one DATA frame of HTTP/2, or one chunk of a `Response` body. A server that writes each event
 * with one call is seen here as one entry per event. What is larger than a frame (16 KiB), or lies
 * across two reads of the socket (64 KiB each), comes in pieces; HTTP/2 may join what was written
 * in one turn of the server's event loop.
 *
 * @public
 */
export interface ReceivedChunk {
  /** The bytes, with framing, transfer coding and content coding removed. */
  readonly bytes: Uint8Array

  /** When they came: milliseconds since the request was made, on the real clock. */
  readonly atMs: number
}

/** Everything that one connection has received, and where in the bytes each event ended. */
export interface Received {
  readonly events: readonly ReceivedEvent[]
  readonly comments: readonly string[]
  readonly chunks: readonly ReceivedChunk[]
  /** The latest valid `retry` field. */
  readonly retry: number | undefined
  /** All bytes decoded as UTF-8, a byte order mark included. */
  readonly text: string
  /** How many bytes have come. */
  readonly bytes: number
  feed(bytes: Uint8Array, atMs: number): void
  /** The last event ID when `count` events, and blocks without data after them, were seen. */
  lastEventIdAfter(count: number): string
  /** How many bytes had come when the event number `count` (1 is the first) was complete. */
  bytesUpTo(count: number): number
}

/**
 * Collects a response body. With `parse: false` the bytes are kept but not read as events.
 */
export function createReceived(lastEventId: string, parse: boolean): Received {
  const chunks: ReceivedChunk[] = []
  const blocks = createBlocks(lastEventId)
  // The byte order mark stays in: the parser takes off the one that the specification allows.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let bytes = 0
  return {
    events: blocks.events,
    comments: blocks.comments,
    chunks,
    get retry() {
      return blocks.retry
    },
    get text() {
      return text
    },
    get bytes() {
      return bytes
    },
    feed(chunk, atMs) {
      const decoded = decoder.decode(chunk, { stream: true })
      chunks.push({ bytes: chunk, atMs })
      bytes += chunk.byteLength
      text += decoded
      if (parse) blocks.feed(decoded, bytes)
    },
    lastEventIdAfter: (count) => blocks.idAfter[count] ?? '',
    bytesUpTo: (count) => blocks.bytesAfter[count] ?? 0,
  }
}

interface Blocks {
  readonly events: ReceivedEvent[]
  readonly comments: string[]
  retry: number | undefined
  /** Index n: the last event ID after n events. */
  readonly idAfter: string[]
  /** Index n: bytes received when the n-th event was complete. */
  readonly bytesAfter: number[]
  feed(text: string, bytesSoFar: number): void
}

function createBlocks(lastEventId: string): Blocks {
  // The id of a block whose event, if it has one, the parser has not handed over yet.
  let pendingId: string | undefined
  let position = 0
  const commitId = () => {
    if (pendingId !== undefined) blocks.idAfter[blocks.events.length] = pendingId
    pendingId = undefined
  }
  const parser = createParser({
    onComment: (comment) => void blocks.comments.push(comment),
    onRetry: (retry) => void (blocks.retry = retry),
    onId: (id) => {
      commitId()
      pendingId = id
    },
    onEvent: ({ event = 'message', data, id }) => {
      // Without an id of its own, a pending one is from a block before it that had no data.
      if (id === undefined) commitId()
      pendingId = undefined
      const last = id ?? blocks.idAfter[blocks.events.length] ?? ''
      blocks.events.push(createReceivedEvent({ event, data, id, lastEventId: last }))
      blocks.idAfter.push(last)
      blocks.bytesAfter.push(position)
    },
  })
  const blocks: Blocks = {
    events: [],
    comments: [],
    retry: undefined,
    idAfter: [lastEventId],
    bytesAfter: [0],
    feed(text, bytesSoFar) {
      position = bytesSoFar
      parser.feed(text)
      commitId()
    },
  }
  return blocks
}
