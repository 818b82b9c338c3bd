import type { RejectReason } from './admission/reject-reason.ts'
import type { EndReason } from './errors.ts'
import type { Compression } from './sinks/compression.ts'
import type { EventInput, Serialize } from './wire/server-sent-event.ts'

/**
 * How many event streams may be open, and what happens to the clients above that.
 *
 * @public
 */
export interface LimitOptions<Context = unknown> {
  /**
   * The most event streams open at once. Further clients wait in the queue or get a 503.
   * @defaultValue `Infinity`
   */
  maxConnections?: number | undefined
  /**
   * The most event streams open or queued at once for one `key`. Further ones get a 429.
   * @defaultValue `Infinity`
   */
  maxConnectionsPerKey?: number | undefined
  /**
   * Names the client that `maxConnectionsPerKey` counts, such as a user id or an address. `undefined`
   * exempts the request. What it throws goes to the framework's error handler.
   */
  key?: ((context: Context) => string | undefined) | undefined
  /**
   * How many clients may wait, in order of arrival, for one of `maxConnections`. They get no
   * response head while they wait.
   * @defaultValue `0`
   */
  maxQueued?: number | undefined
  /**
   * The longest wait in the queue in ms, after which the client gets a 503; `0`: no limit. A client that has
   * to wait for its route and then for the server may wait twice as long.
   * @defaultValue `10_000`
   */
  queueTimeoutMs?: number | false | undefined
  /**
   * The `Retry-After` of refusals in ms; each gets a random 100 to 150 % of it, in whole seconds.
   * @defaultValue `5_000`
   */
  retryAfterMs?: number | undefined
  /**
   * Refuses with an event stream that only says when to reconnect, and ends: a browser's
   * `EventSource` gives up for good on 503 and 429, but comes back after this.
   * @defaultValue `false`
   */
  soft?: boolean | undefined
}

/**
 * What hooks are told about an event stream.
 *
 * @public
 */
export interface ConnectionInfo<Context = unknown> {
  /** The id of the connection, as in `stream.id`. */
  readonly id: string
  /** What the handler gets as its second argument: the request and what belongs to it. */
  readonly context: Context
  /** The last event ID that the client sent. Untrusted. */
  readonly lastEventId: string | undefined
  /** How long the stream has been open, in ms. */
  readonly durationMs: number
  /** How many events it was given. */
  readonly events: number
  /** How many bytes of body were written to it, heartbeats included, before any compression. */
  readonly bytes: number
}

/**
 * Options of one route. They win over those of `createSse`.
 *
 * @public
 */
export interface RouteOptions<Context = unknown> {
  /**
   * Silence in ms after which a comment is sent, so that proxies keep the connection open; `0`:
   * never. Common proxies cut at 60 s, some at 30 s.
   * @defaultValue `15_000`
   */
  heartbeatMs?: number | false | undefined
  /**
   * How long in ms bytes may wait for a client that takes none, before the connection is dropped;
   * `0`: for ever. This is what ends a client that is frozen, or vanished while much is sent to it: the
   * kernel takes some megabytes first, and heartbeats are small.
   * @defaultValue `30_000`
   */
  sendTimeoutMs?: number | false | undefined
  /**
   * How long in ms a source may send no event before its stream is ended; `0`: for ever.
   * @defaultValue `0`
   */
  idleTimeoutMs?: number | false | undefined
  /**
   * How long in ms a stream may be open; each gets a random 80 to 100 % of it, so that streams that
   * were opened together do not all reconnect together. `0`: for ever.
   * @defaultValue `0`
   */
  maxDurationMs?: number | false | undefined
  /**
   * After how many events the stream is ended, as `closed`; `0`: never.
   * @defaultValue `0`
   */
  maxEvents?: number | false | undefined
  /**
   * Most bytes to hold for a client that does not read, before unawaited sends end its stream with
   * `overflow`. The first event that has to wait passes in any case, so that awaited ones always do.
   * @defaultValue `1_048_576`
   */
  maxBufferedBytes?: number | undefined
  /** The reconnection time in ms that the stream begins with. Clients use about 3 s without it. */
  retryMs?: number | undefined
  /** The event to send after the source ended by itself, such as `{ event: 'done' }`. */
  completion?: EventInput | undefined
  /**
   * The event a client gets when the source throws. `undefined` sends none.
   * @defaultValue an `error` event that says nothing about the error
   */
  formatError?: ((error: unknown) => EventInput | undefined) | undefined
  /**
   * Turns `data` that is not a string into text.
   * @defaultValue `JSON.stringify`
   */
  serialize?: Serialize | undefined
  /**
   * Compresses the streams of clients that accept it: what `createCompression()` of `@sse/core/compression` gives.
   * Leave it off where a stream brings secrets together with text that others choose; see the guide.
   * @defaultValue `false`
   */
  compression?: Compression | false | undefined
  /**
   * How long in ms a source may take to clean up after its stream ended, before it is counted and
   * reported as orphaned. Nothing waits for it.
   * @defaultValue `5_000`
   */
  cleanupTimeoutMs?: number | undefined
  /** A limit of this route's own, on top of the one in `createSse`. */
  limit?: LimitOptions<Context> | undefined
  /** Called once the head of a stream was sent. */
  onOpen?: ((info: ConnectionInfo<Context>) => void) | undefined
  /** Called exactly once for each stream, when it is over and its slot is free. */
  onEnd?: ((reason: EndReason, info: ConnectionInfo<Context>) => void) | undefined
  /**
   * Called with what a source threw after the head was sent, a refused `send`, an orphaned source, or
   * what another hook threw. A disconnect is never an error.
   * @defaultValue `console.error`
   */
  onError?: ((error: unknown, info: ConnectionInfo<Context>) => void) | undefined
  /** Called for each client that was refused. */
  onReject?: ((reason: RejectReason, context: Context) => void) | undefined
}

/**
 * Options of `createSse`, the defaults of all its routes.
 *
 * @public
 */
export interface SseOptions<Context = unknown> extends RouteOptions<Context> {
  /** The limit of all streams of this `createSse` together. */
  limit?: LimitOptions<Context> | undefined
}

/**
 * How `sse.close()` ends the open streams.
 *
 * @public
 */
export interface CloseOptions {
  /**
   * How long in ms the clients may take to receive what was written and the farewell; connections that are
   * left then are dropped. `0` drops all at once.
   * @defaultValue `5_000`
   */
  graceMs?: number | undefined
  /**
   * The reconnection time in ms that clients are given; each gets a random 100 to 150 % of it, so that they do
   * not all come back at once.
   * @defaultValue `3_000`
   */
  retryMs?: number | undefined
  /** A last event for every client; data that is not a string goes out as JSON. */
  event?: EventInput | undefined
}

/** A limit with every default filled in. */
export interface ResolvedLimit<Context> {
  readonly maxConnections: number
  readonly maxConnectionsPerKey: number
  readonly key: ((context: Context) => string | undefined) | undefined
  readonly maxQueued: number
  readonly queueTimeoutMs: number
  readonly retryAfterMs: number
  readonly soft: boolean
}

/** Options with every default filled in; a duration of 0 is off. */
export interface ResolvedOptions<Context> {
  readonly heartbeatMs: number
  readonly sendTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxDurationMs: number
  readonly maxEvents: number
  readonly maxBufferedBytes: number
  readonly retryMs: number | undefined
  readonly completion: EventInput | undefined
  readonly formatError: (error: unknown) => EventInput | undefined
  readonly serialize: Serialize | undefined
  readonly compression: Compression | false
  readonly cleanupTimeoutMs: number
  readonly onOpen: RouteOptions<Context>['onOpen']
  readonly onEnd: RouteOptions<Context>['onEnd']
  readonly onError: NonNullable<RouteOptions<Context>['onError']>
  readonly onReject: RouteOptions<Context>['onReject']
}

/** {@link CloseOptions} with every default filled in. */
export interface ResolvedCloseOptions {
  readonly graceMs: number
  readonly retryMs: number
  readonly event: EventInput | undefined
}
