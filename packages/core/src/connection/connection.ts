import type { Deferred } from '../deferred.ts'
import type { EndReason } from '../errors.ts'
import type { ConnectionInfo, ResolvedOptions } from '../options.ts'
import type { SinkListener } from '../sinks/sink.ts'
import { callSafely, logError } from '../thenable.ts'
import type { Deadlines, Timed } from './deadlines.ts'
import type { EventSchemas } from './event-schema.ts'
import type { Feed } from './feed.ts'
import type { Outbox } from './outbox.ts'
import type { Pull } from './source.ts'
import type { Turns } from './turns.ts'

/** What all connections of one `createSse` share. */
export interface Shared {
  readonly turns: Turns
  readonly deadlines: Deadlines
  /** Every connection that holds a slot. */
  readonly connections: Set<Connection>
  readonly counters: Counters
  /** Makes an id, which no other server makes, of the number of a connection. Few are ever asked for. */
  readonly idOf: (number: number) => string
}

/** Sums over all connections, those that ended included. */
export interface Counters {
  opened: number
  /** Of ended connections; those of open ones are their own. */
  events: number
  /** Of ended connections; those of open ones are their own. */
  bytes: number
  dropped: number
  orphaned: number
  readonly ended: Record<EndReason, number>
}

/**
 * One event stream, from the slot it got to the slot it gives back. One record, so that ten
 * thousand of them stay small; the files beside this one each hold what is done to it:
 * `life.ts`, `emit.ts`, `run-source.ts`, `watch.ts`.
 */
export interface Connection extends Outbox, Timed, SinkListener {
  readonly shared: Shared
  readonly options: ResolvedOptions<unknown>
  readonly schemas: EventSchemas | undefined
  /** What the handler gets as its second argument. */
  readonly context: unknown
  /** Gives the slots back. */
  readonly release: (() => void) | undefined
  readonly id: string
  readonly lastEventId: string | undefined
  /**
   * `setup`: nothing was sent, and an error still belongs to the framework. `open`: the head was
   * sent. `ending`: nothing new is taken, what was written is on its way. `ended`: over.
   */
  phase: 'setup' | 'open' | 'ending' | 'ended'
  /** Set when the phase becomes `ending`. */
  reason: EndReason | undefined
  /** What the source threw. */
  error: unknown
  /** Made when the handler asks for its signal. */
  controller: AbortController | undefined
  /** Made when the handler asks for it. */
  ended: Deferred<EndReason> | undefined
  /** Settles what the framework waits for: the head was sent, or an error before it. Let go of then. */
  opening: { resolve(): void; reject(error: unknown): void } | undefined

  source: Pull | undefined
  /** What writes by itself whenever there is room: the channel that the stream is subscribed to, and the others. */
  feed: Feed | undefined
  moreFeeds: Feed[] | undefined
  /** Ids of feeds that are over: they go on to be part of the client's last event ID. */
  places: string[] | undefined
  /** Something that the client comes back to is over, and it has everything of it. */
  isUpToDate: boolean
  /** Promises of the source that are pending: its run, and its cleanup. */
  unsettled: number
  orphanTimer: ReturnType<typeof setTimeout> | undefined

  /** The sink was told to end. */
  isEndSent: boolean
  /** On shutdown: the end is held back until it is this connection's turn. */
  isEndHeld: boolean

  openedAt: number
  expiresAt: number | undefined
  /** Events taken from the source. */
  events: number
  /** Events that have not left, since the outbox was last empty. */
  eventsWaiting: number
  /** `events` and `bytes` when the clock was last read. */
  eventsSeen: number
  bytesSeen: number
  lastEventAt: number
  lastWriteAt: number
  /** Since when the sink holds bytes of which the client takes none. */
  waitingSince: number | undefined
  /** Bytes the client had taken by then. */
  bytesTaken: number
}

/** What hooks are told. */
export function describeConnection(connection: Connection): ConnectionInfo {
  const { id, context, lastEventId, openedAt, events, bytes } = connection
  const durationMs = Math.round(performance.now() - openedAt)
  return { id, context, lastEventId, durationMs, events, bytes }
}

/** Reports an error that no client and no framework gets to see. */
export function reportError(connection: Connection, error: unknown): void {
  const { onError } = connection.options
  callSafely(() => onError(error, describeConnection(connection)), logError)
}

/** What a hook throws, at once or as a rejection, is no business of the stream's. */
export function callHook(connection: Connection, call: () => unknown): void {
  callSafely(call, (error) => reportError(connection, error))
}
