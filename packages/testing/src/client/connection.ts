import { now } from '../clock.ts'
import { pointsAtCaller } from '../point-at-caller.ts'
import type { EventStreamConnection } from './event-stream-connection.ts'
import { assertNotCut, endedEarly } from './failures.ts'
import { readBody } from './read-body.ts'
import { createReading, waitOn } from './reading.ts'
import { createReceived } from './received.ts'
import { type ConnectionResponse, isEventStream } from './response.ts'
import { finish, type StreamState } from './stream-state.ts'
import type { TransportResponse } from './transports/transport.ts'
import { createWaiting, resolveTimeoutMs } from './waiting.ts'

/** What a connection is made of. */
export interface ConnectionParts {
  /** The method and URL of the request, as errors name it. */
  readonly label: string
  readonly response: TransportResponse
  /** When the request was made, on the real clock. */
  readonly startedAtMs: number
  /** The id that the request carried. */
  readonly lastEventId: string
  /** Default of all waiting methods. */
  readonly timeoutMs: number
  readonly readAheadBytes: number
  readonly signal: AbortSignal | undefined
  /** Makes the same request again. */
  reopen(lastEventId: string): Promise<EventStreamConnection>
  /** Stops what was started for the target. */
  release(): Promise<void>
  /** Whether others may use that: then it is not stopped before the connection is closed. */
  readonly isShared: boolean
}

/** Makes a connection of a response whose head has just come, and starts to read its body. */
export function createConnection(parts: ConnectionParts): EventStreamConnection {
  const { startedAtMs, timeoutMs, readAheadBytes } = parts
  const elapsedMs = () => now() - startedAtMs
  const state = createState(parts)
  const { received } = state
  const close = createClose(state, parts)
  const reading = createReading(state, timeoutMs)
  const connection: EventStreamConnection = {
    ...reading,
    response: createResponse(state, timeoutMs, elapsedMs()),
    get lastEventId() {
      return received.lastEventIdAfter(state.taken)
    },
    get retry() {
      return received.retry
    },
    comments: received.comments,
    received: received.events,
    chunks: received.chunks,
    get text() {
      return received.text
    },
    waitFor: pointsAtCaller(async (condition, options) => {
      const call = { label: '`waitFor()`', readsEvents: false }
      await waitOn(state, call, resolveTimeoutMs(options, timeoutMs), () => {
        if (condition(connection)) return true
        assertNotCut(state, call)
        if (state.end) throw endedEarly(state, call)
        return undefined
      })
    }),
    ended: pointsAtCaller(async (options) => {
      const call = { label: '`ended()`', readsEvents: false }
      return waitOn(state, call, resolveTimeoutMs(options, timeoutMs), () => state.end)
    }),
    reconnect: pointsAtCaller(async () => {
      await close()
      return parts.reopen(connection.lastEventId)
    }),
    close,
    [Symbol.asyncIterator]: () => reading.events()[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: close,
  }
  void readBody(state, readAheadBytes, elapsedMs).then(() => {
    if (!parts.isShared) void close()
  })
  return connection
}

function createState({ label, response, lastEventId }: ConnectionParts): StreamState {
  const isReadable = isEventStream(response.status, response.headers)
  const state: StreamState = {
    label,
    response,
    isEventStream: isReadable,
    received: createReceived(lastEventId, isReadable),
    waiting: createWaiting(() => state.wake()),
    taken: 0,
    end: undefined,
    cause: undefined,
    wake: () => {},
  }
  return state
}

function createResponse(state: StreamState, timeoutMs: number, atMs: number): ConnectionResponse {
  const call = { label: '`response.text()`', readsEvents: false }
  const response: ConnectionResponse = {
    status: state.response.status,
    headers: state.response.headers,
    atMs,
    text: pointsAtCaller(async (options) =>
      waitOn(state, call, resolveTimeoutMs(options, timeoutMs), () => {
        assertNotCut(state, call)
        return state.end && state.received.text
      }),
    ),
    json: pointsAtCaller(async (options) => JSON.parse(await response.text(options))),
  }
  return response
}

function createClose(state: StreamState, parts: ConnectionParts): () => Promise<void> {
  const { response, signal, release } = parts
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeOnce())
  async function closeOnce(): Promise<void> {
    signal?.removeEventListener('abort', onAbort)
    finish(state, 'closed')
    await response.close()
    await release()
  }
  const onAbort = () => void close()
  signal?.addEventListener('abort', onAbort, { once: true })
  // Aborted in the moment between the head and now.
  if (signal?.aborted) onAbort()
  return close
}
