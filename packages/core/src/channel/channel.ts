import { assertObject } from '../check-options.ts'
import { type AnyEventStream, connectionOf, type EventMap } from '../connection/event-stream.ts'
import { swallow } from '../thenable.ts'
import type {
  ChannelOptions,
  PublishInput,
  PublishOptions,
  ResolvedChannelOptions,
  SubscribeOptions,
} from './channel-options.ts'
import { type ChannelState, createChannelState } from './channel-state.ts'
import type { EventLog, LogStats } from './event-log.ts'
import { createMemoryLog } from './memory-log.ts'
import { append, closeChannel } from './publish.ts'
import { whenReady } from './ready.ts'
import { checkSubscribeOptions, resolveChannelOptions } from './resolve-channel-options.ts'
import { subscribe } from './subscribe.ts'

/**
 * What became of an event that was published.
 *
 * @public
 */
export interface Published {
  /** The id that clients get with it, if the channel has a history. */
  readonly id: string
  /** How many subscribers the channel had, those that filter it out included. */
  readonly subscribers: number
}

/**
 * Numbers since a channel was made.
 *
 * @public
 */
export interface ChannelStats {
  /** Streams that follow it now. */
  readonly subscribers: number
  /** Events that were published here. */
  readonly published: number
  /** Events that were handed to streams, replayed ones included: one event for two streams counts twice. */
  readonly delivered: number
  /** Events that streams lost to `drop-oldest` and `drop-newest`. */
  readonly dropped: number
  /** Events that `coalesce` left out because a later one replaced them. */
  readonly coalesced: number
  /** Gaps that clients were told of. */
  readonly lapped: number
  /** Streams that were ended because they were too far behind. */
  readonly disconnected: number
  /** What is kept for clients that come back. */
  readonly history: LogStats
}

/**
 * Events for any number of streams.
 *
 * @public
 */
export interface Channel<Events = EventMap, Result = Published> {
  /**
   * Sends an event to every subscriber. It is encoded once, and leaves at the end of this turn of the event loop
   * together with whatever else was published in it. No subscriber can make this throw, or wait. Do not change its
   * data afterwards: clients get what it was, but filters would see what it has become.
   *
   * @throws {@link SseError} `ERR_SSE_CHANNEL_CLOSED`; and what `stream.send()` rejects with if it is no event,
   * `ERR_SSE_INVALID_EVENT` also for an `id` in a channel with history, and for one without `data` and `event`.
   * Nothing was published then.
   */
  publish(event: PublishInput<Events>, options?: PublishOptions): Result
  /**
   * Lets a stream follow the channel. A client that comes back with a last event ID of this channel gets what it
   * missed, and then what comes; where that is not possible it is sent a gap event that says why. A stream may
   * follow several channels: its ids then say how far it is in each of them. One that it follows again, after
   * `options.signal` aborted, goes on where it was.
   *
   * A client that has everything of a channel that was closed is answered with 204, which makes an
   * `EventSource` stop, if its handler subscribes before it waits for anything, and follows nothing else that goes on.
   *
   * @param stream - The first argument of the handler. Return what this returns, so that the stream stays open.
   * @returns Resolves when the stream is over, `options.signal` aborted, or the channel was closed and the stream
   * has everything. Never rejects: what a filter or a transform throws ends the stream, as its own error would.
   * @throws {@link SseError} `ERR_SSE_LIMIT_REACHED` if the channel has `maxSubscribers`, or the stream follows 32
   * channels with history; `ERR_SSE_INVALID_STREAM` if it is no stream, or follows this channel, which has a history,
   * already; `ERR_SSE_INVALID_OPTION`.
   */
  subscribe(stream: AnyEventStream, options?: SubscribeOptions<Events>): Promise<void>
  /**
   * Resolves when every subscriber with the policy `wait` has room: at once where there is none, or none is slow.
   * A client that does not read at all is ended by its send timeout, so that this does not wait for ever.
   */
  ready(): Promise<void>
  /**
   * Ends the channel: subscribers get what was published, and `finalEvent`, and their subscriptions end. Those who
   * come later get what the history has. Does nothing the second time.
   *
   * @throws {@link SseError} if `finalEvent` cannot be published; the channel stays open then.
   */
  close(finalEvent?: PublishInput<Events>): void
  /** Counts what happened and what is kept. */
  stats(): ChannelStats
}

/**
 * A channel whose events are kept by a log that many processes may share. `publish` resolves when the log has the
 * event, and rejects if it does not take it.
 *
 * @public
 */
export type SharedChannel<Events = EventMap> = Channel<Events, Promise<Published>>

/**
 * Makes a channel: what is published in it reaches every stream that is subscribed.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * type PriceEvents = { price: { symbol: string; value: number } }
 *
 * const sse = createSse()
 * const prices = createChannel<PriceEvents>({ history: { maxEvents: 10_000 } })
 *
 * export const GET = sse.handler<PriceEvents>((stream, { request }) => {
 *   const symbol = new URL(request.url).searchParams.get('symbol')
 *   return prices.subscribe(stream, { filter: ({ data }) => data.symbol === symbol })
 * })
 *
 * prices.publish({ event: 'price', data: { symbol: 'ABC', value: 3 } })
 * ```
 *
 * @public
 */
export function createChannel<Events = EventMap>(options: ChannelOptions = {}): Channel<Events> {
  return createChannelOf(resolveChannelOptions(options)) as Channel<Events>
}

/** Makes a channel in the memory of this process. */
export function createChannelOf(options: ResolvedChannelOptions): Channel {
  const state = createChannelState(options, createMemoryLog(options.retention))
  return makeChannel(state, (order) => published(state, order as number))
}

/**
 * Makes a channel on a log of its own, such as one that several servers share.
 *
 * @param log - Keeps the events, and says in which order they come.
 * @param options - As for `createChannel`, without `history`, which is the log's business.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @public
 */
export function createSharedChannel<Events = EventMap>(
  log: EventLog,
  options: Omit<ChannelOptions, 'history'> = {},
): SharedChannel<Events> {
  const state = createChannelState(resolveChannelOptions(options), assertObject('log', log))
  const later = async (order: number | Promise<number>): Promise<Published> =>
    published(state, await order)
  return makeChannel(state, (order) => {
    const result = later(order)
    // It rejects for those who await it, and ends no process where nobody does.
    swallow(result)
    return result
  }) as SharedChannel<Events>
}

function makeChannel<Result>(
  state: ChannelState,
  toResult: (order: number | Promise<number>) => Result,
): Channel<EventMap, Result> {
  return {
    publish: (event, options) => toResult(append(state, event, options)),
    subscribe: (stream, options = {}) =>
      subscribe(state, connectionOf(stream), checkSubscribeOptions(options)),
    ready: () => whenReady(state),
    close(finalEvent) {
      if (state.isClosed || finalEvent === undefined) return closeChannel(state)
      const order = append(state, finalEvent, undefined)
      // Where the log does not take it, nobody is left to be told.
      swallow(order)
      closeChannel(state)
    },
    stats: () => readStats(state),
  }
}

function published({ log, subscriptions }: ChannelState, order: number): Published {
  return { id: log.idOf(order), subscribers: subscriptions.size }
}

function readStats(state: ChannelState): ChannelStats {
  const { subscriptions, published, delivered, dropped, coalesced, lapped, disconnected } = state
  return {
    subscribers: subscriptions.size,
    published,
    delivered,
    dropped,
    coalesced,
    lapped,
    disconnected,
    history: state.log.stats(),
  }
}
