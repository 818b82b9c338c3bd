import type { EventMap, EventOf } from '../connection/event-stream.ts'
import type { ConnectionInfo } from '../options.ts'
import type { EventInput, Serialize, ServerSentEvent } from '../wire/server-sent-event.ts'
import type { Retention } from './memory-log.ts'

/**
 * What happens to a subscriber that fell behind by more than its queue, because its client does not read as fast
 * as events are published. The others notice nothing.
 *
 * - `disconnect`: its stream ends, as `overflow`. The client comes back, and with a history misses nothing.
 * - `drop-oldest`: it loses what waited longest.
 * - `drop-newest`: it keeps what waits, and loses what comes until that has left.
 * - `coalesce`: of the events with the same key that wait it gets the last one, as soon as it is behind. Events
 *   without a key are never lost: if they do not fit, its stream ends as `overflow`.
 * - `wait`: publishers that await `channel.ready()` wait for it. If they do not, its stream ends as `overflow`.
 *
 * Who lost events to `drop-oldest` or `drop-newest` is sent a gap event that says how many.
 *
 * @public
 */
export type OverflowPolicy = 'disconnect' | 'drop-oldest' | 'drop-newest' | 'coalesce' | 'wait'

/**
 * How much a channel keeps for clients that come back. All bounds hold at once.
 *
 * @public
 */
export interface HistoryOptions {
  /**
   * The most events.
   * @defaultValue `1_000`
   */
  maxEvents?: number | undefined
  /**
   * The most bytes, as they are on the wire. The events themselves are kept too, for filters.
   * @defaultValue `1_048_576`
   */
  maxBytes?: number | undefined
  /**
   * How old they may be in ms; `0`: any age.
   * @defaultValue `0`
   */
  maxAgeMs?: number | false | undefined
}

/**
 * How far a subscriber may fall behind before its {@link OverflowPolicy} applies. What waits is shared by all
 * subscribers, and not copied.
 *
 * @public
 */
export interface QueueOptions {
  /**
   * The most events, those that its filter leaves out included.
   * @defaultValue `10_000`
   */
  maxEvents?: number | undefined
  /**
   * The most bytes.
   * @defaultValue `1_048_576`
   */
  maxBytes?: number | undefined
}

/**
 * Why a client misses events, and where its stream goes on. This is the data of gap events.
 *
 * @public
 */
export interface Gap {
  /**
   * - `expired`: the history does not reach back to its last event ID, or to the start that it asked for.
   * - `unknown`: another server or another channel gave its last event ID, or this one before a restart.
   * - `malformed`: no channel gave its last event ID.
   * - `dropped`: its client was too slow.
   */
  readonly reason: 'expired' | 'unknown' | 'malformed' | 'dropped'
  /**
   * How many events it misses; `null` if nobody knows. For `dropped` only those that its filter lets through, else all of
   * the channel.
   */
  readonly lost: number | null
  /** The id after which the stream goes on; `null` in a channel without history, where events have none. */
  readonly continuesAfter: string | null
}

/**
 * An event as filters and transforms of a channel get it.
 *
 * @public
 */
export type PublishedEvent<Events> = string extends keyof Events ? ServerSentEvent : EventOf<Events>

/**
 * What may be published: events of the channel's types, or with no types given any event or string.
 *
 * @public
 */
export type PublishInput<Events> = string extends keyof Events ? EventInput : EventOf<Events>

/**
 * Options of one event.
 *
 * @public
 */
export interface PublishOptions {
  /**
   * Makes the event replaceable: with the policy `coalesce`, a client that is behind gets only the last one of
   * those with this key. Events without a key are never left out.
   */
  key?: string | undefined
}

/**
 * How one stream subscribes to a channel.
 *
 * @public
 */
export interface SubscribeOptions<Events = EventMap> {
  /** Which events the stream gets; all if absent. Runs before encoding, also on what is replayed. */
  filter?: ((event: PublishedEvent<Events>) => boolean) | undefined
  /**
   * Makes the event that this stream gets of a published one; `undefined`: none. Whatever id it has is replaced.
   */
  transform?: ((event: PublishedEvent<Events>) => EventInput | undefined) | undefined
  /**
   * Names what `filter` and `transform` do: subscribers with the same key share them, and each event is filtered,
   * transformed and encoded once for all of them. Those of the first one are used.
   */
  key?: string | undefined
  /** Overrides the policy of the channel. */
  overflow?: OverflowPolicy | undefined
  /** Overrides the queue of the channel. */
  queue?: QueueOptions | undefined
  /**
   * Where a client without a last event ID begins: with what is published from `now` on, or at the `start`, with a gap
   * event if the history does not reach back to it.
   * @defaultValue `'now'`
   */
  from?: 'now' | 'start' | undefined
  /**
   * Continues after this id instead of `stream.lastEventId`; `''`: after none.
   */
  lastEventId?: string | undefined
  /** Ends the subscription, but not the stream, when it aborts. */
  signal?: AbortSignal | undefined
}

/**
 * Options of `createChannel`.
 *
 * @public
 */
export interface ChannelOptions {
  /** What is kept for clients that come back. Without it events get no ids, and nothing is kept. */
  history?: HistoryOptions | undefined
  /**
   * What happens to subscribers that fall behind.
   * @defaultValue `'disconnect'`
   */
  overflow?: OverflowPolicy | undefined
  /** How far they may fall behind. */
  queue?: QueueOptions | undefined
  /**
   * The most subscribers at once. Further ones are refused with `ERR_SSE_LIMIT_REACHED`.
   * @defaultValue `Infinity`
   */
  maxSubscribers?: number | undefined
  /**
   * The event type of gap events.
   * @defaultValue `'gap'`
   */
  gapEvent?: string | undefined
  /**
   * Turns `data` that is not a string into text.
   * @defaultValue `JSON.stringify`
   */
  serialize?: Serialize | undefined
  /** Called for each gap, when the client is told of it. */
  onGap?: ((gap: Gap, info: ConnectionInfo) => void) | undefined
}

/** A queue with every default filled in. */
export interface ResolvedQueue {
  readonly maxEvents: number
  readonly maxBytes: number
}

/** Options of a channel with every default filled in. */
export interface ResolvedChannelOptions {
  readonly retention: Retention
  readonly overflow: OverflowPolicy
  readonly queue: ResolvedQueue
  readonly maxSubscribers: number
  readonly gapEvent: string
  readonly serialize: Serialize | undefined
  readonly onGap: ChannelOptions['onGap']
}
