import { defer } from '../deferred.ts'
import { type EndReason, SseError, show } from '../errors.ts'
import { encodeComment } from '../wire/encode-event.ts'
import type { EventInput, ServerSentEvent } from '../wire/server-sent-event.ts'
import { type Connection, reportError } from './connection.ts'
import { emitBlock, emitEvent, encodeFor, takesEvents } from './emit.ts'
import { endError } from './end-reason.ts'
import { endGracefully } from './life.ts'
import { isFull, whenReady } from './outbox.ts'

/**
 * The events of a stream: the data of each event type. `message` is the type of events that name none.
 *
 * @public
 */
export type EventMap = Record<string, unknown>

/**
 * An event whose type and data are those of `Events`.
 *
 * @public
 */
export type EventOf<Events> = {
  [Type in keyof Events & string]: Omit<ServerSentEvent, 'event' | 'data'> &
    (Type extends 'message' ? { event?: Type | undefined } : { event: Type }) & {
      data: Events[Type]
    }
}[keyof Events & string]

/**
 * What a source of `Events` may yield, and `stream.send()` takes: with no map given, any event or string.
 *
 * @public
 */
export type EventInputOf<Events> = string extends keyof Events
  ? EventInput
  : EventOf<Events> | { event?: never; data?: never; comment: string; retry?: number }

/**
 * One open event stream, as a handler sees it.
 *
 * @public
 */
export interface EventStream<Events = EventMap> {
  /** An id of this connection, unique among all servers. Not a last event ID; clients never see it. */
  readonly id: string
  /**
   * The last event ID that the client sent, in the `Last-Event-ID` header or else the `lastEventId`
   * query parameter. Untrusted; at most 1024 bytes; `undefined` if there is none.
   */
  readonly lastEventId: string | undefined
  /**
   * Aborts at once when the stream ends, whatever the reason: give it to everything the handler
   * starts. Its `reason` is an `SseError` whose `code` is the {@link EndReason}.
   */
  readonly signal: AbortSignal
  /** Resolves when the stream is over. Never rejects. */
  readonly ended: Promise<EndReason>
  /**
   * Sends an event. Several events of one turn of the event loop leave in one write.
   *
   * @returns Resolves at once while the client keeps up, else when there is room again: await it, or
   * a client that does not read fills `maxBufferedBytes` and the stream ends with `overflow`.
   * After the end it resolves too, and the event is counted as dropped. It rejects with an `SseError`
   * if the event cannot be encoded; nothing was sent then, and the stream goes on.
   */
  send(event: EventInputOf<Events>): Promise<void>
  /**
   * Sends a comment, which clients ignore.
   *
   * @returns As for `send`.
   */
  comment(text: string): Promise<void>
  /**
   * Ends the stream once everything sent so far reached the client; `signal` aborts at once. Does nothing
   * after the end.
   *
   * @param finalEvent - A last event.
   * @throws {@link SseError} if `finalEvent` cannot be encoded; the stream goes on then.
   */
  close(finalEvent?: EventInputOf<Events>): void
}

/**
 * An event stream of a handler, whatever events it was declared to have: a channel adds its own.
 *
 * @public
 */
export type AnyEventStream = Pick<EventStream, 'id' | 'lastEventId' | 'signal' | 'ended'>

const RESOLVED: Promise<void> = Promise.resolve()

// How a channel finds the connection of a stream that it is given.
const CONNECTION: unique symbol = Symbol('connection')

/**
 * The connection of a stream.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_STREAM` if it is no stream of this copy of the library.
 */
export function connectionOf(stream: unknown): Connection {
  const connection = (stream as { [CONNECTION]?: Connection } | null | undefined)?.[CONNECTION]
  if (connection !== undefined) return connection
  throw new SseError(
    'ERR_SSE_INVALID_STREAM',
    `\`stream\` must be the event stream that a handler gets as its first argument, got ${show(stream)}`,
  )
}

/**
 * Makes what the handler of a connection sees. A class, so that the streams, of which there are many, share their
 * methods; getters, so that these may be taken out of the stream.
 */
export function createEventStream(connection: Connection): EventStream {
  return new ConnectionStream(connection)
}

class ConnectionStream implements EventStream {
  readonly [CONNECTION]: Connection

  constructor(connection: Connection) {
    this[CONNECTION] = connection
  }

  get id(): string {
    return this[CONNECTION].id
  }

  get lastEventId(): string | undefined {
    return this[CONNECTION].lastEventId
  }

  get signal(): AbortSignal {
    return signalOf(this[CONNECTION])
  }

  get ended(): Promise<EndReason> {
    return endOf(this[CONNECTION])
  }

  get send(): EventStream['send'] {
    const connection = this[CONNECTION]
    return (event) => send(connection, emitEvent, encodeFor, event)
  }

  get comment(): EventStream['comment'] {
    const connection = this[CONNECTION]
    const encode = (_: Connection, text: string): string => encodeComment(text)
    return (text) => send(connection, emitBlock, encode, text)
  }

  get close(): EventStream['close'] {
    const connection = this[CONNECTION]
    return (finalEvent) => close(connection, finalEvent)
  }
}

function close(connection: Connection, finalEvent: EventInput | undefined): void {
  if (!takesEvents(connection)) return
  if (finalEvent === undefined) return endGracefully(connection, 'closed', '')
  const block = encodeFor(connection, finalEvent)
  connection.events += 1
  connection.eventsWaiting += 1
  endGracefully(connection, 'closed', block)
}

function send<Value>(
  connection: Connection,
  emit: typeof emitBlock,
  encode: (connection: Connection, value: Value) => string,
  value: Value,
): Promise<void> {
  let block: string
  try {
    block = encode(connection, value)
  } catch (error) {
    return refuseSend(connection, error)
  }
  if (takesEvents(connection)) emit(connection, block)
  else connection.shared.counters.dropped += 1
  if (!takesEvents(connection) || !isFull(connection)) return RESOLVED
  return whenReady(connection)
}

function signalOf(connection: Connection): AbortSignal {
  if (connection.controller === undefined) {
    connection.controller = new AbortController()
    const { phase, reason, error } = connection
    const isAborted = phase === 'ended' || (phase === 'ending' && reason !== 'completed')
    if (isAborted && reason !== undefined) connection.controller.abort(endError(reason, error))
  }
  return connection.controller.signal
}

/** Resolves when a connection is over. */
export function endOf(connection: Connection): Promise<EndReason> {
  if (connection.ended === undefined) {
    connection.ended = defer()
    const { phase, reason, ended } = connection
    if (phase === 'ended' && reason !== undefined) ended.resolve(reason)
  }
  return connection.ended.promise
}

/** Rejects for those who await, reports for those who do not, and never becomes an unhandled rejection. */
function refuseSend(connection: Connection, error: unknown): Promise<void> {
  reportError(connection, error)
  const refusal = Promise.reject(error as Error)
  refusal.catch(() => undefined)
  return refusal
}
