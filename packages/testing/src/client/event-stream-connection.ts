import type { ReceivedChunk } from './received.ts'
import type { ReceivedEvent } from './received-event.ts'
import type { ConnectionResponse } from './response.ts'
import type { WaitOptions } from './waiting.ts'

/**
 * How a response body ended.
 *
 * - `completed`: the server ended it, and all that HTTP announced has come. A browser's
 *   EventSource would come back.
 * - `cut`: the connection broke, was reset, or ended before the body was complete.
 * - `closed`: the test closed the connection, or its signal was aborted.
 *
 * @public
 */
export type StreamEnd = 'completed' | 'cut' | 'closed'

/**
 * One response of a target, read as an event stream while it comes.
 *
 * Events wait in the order in which they came until a method takes them: `for await`,
 * `nextEvent`, `take`, `until` and `all` go on where the last one stopped. A method that rejects
 * takes nothing, so what it did not get is still there for the next one.
 *
 * Each of them rejects with {@link SseTestError}: `ERR_SSE_TEST_NOT_AN_EVENT_STREAM` if the
 * response is not a 200 with `Content-Type: text/event-stream`; `ERR_SSE_TEST_TIMEOUT` when its
 * time is over; `ERR_SSE_TEST_CUT` if the connection broke; `ERR_SSE_TEST_ENDED` if the event
 * stream ended first (not `all` and `for await`, which end with it).
 *
 * @public
 */
export interface EventStreamConnection extends AsyncIterable<ReceivedEvent>, AsyncDisposable {
  /** The response: status and headers, and its body where that is not an event stream. */
  readonly response: ConnectionResponse

  /**
   * The last event ID after the events taken so far: what `reconnect()` sends. Events that have
   * come but wait to be taken do not count, so it does not depend on timing. `''` if there is none.
   */
  readonly lastEventId: string

  /**
   * The reconnection time in milliseconds: the latest valid `retry` field received, whether or not
   * the events around it were taken; `undefined` if there was none.
   */
  readonly retry: number | undefined

  /** All comments received so far, without the colon and one space after it; heartbeats as well. */
  readonly comments: readonly string[]

  /** All events received so far, taken or not. */
  readonly received: readonly ReceivedEvent[]

  /** The body received so far, in the pieces in which it came: what each write of the server was. */
  readonly chunks: readonly ReceivedChunk[]

  /** The body received so far, decoded as UTF-8, a byte order mark included. */
  readonly text: string

  /**
   * Iterates over the events; `for await` over the connection itself does the same. Leaving the
   * loop leaves the connection open, so that the test can go on with it: use `close()` or
   * `await using` to end it. The loop ends when the event stream does, and throws if it was cut.
   *
   * @param options - `timeoutMs` counts for each event anew.
   */
  events(options?: WaitOptions): AsyncIterable<ReceivedEvent>

  /** Takes the next event. Resolves as soon as it has come. */
  nextEvent(options?: WaitOptions): Promise<ReceivedEvent>

  /**
   * Takes the next `count` events. Resolves as soon as the last of them has come.
   *
   * @param count - A non-negative integer; `0` resolves with an empty array.
   * @param options - `timeoutMs` counts for all of them together.
   */
  take(count: number, options?: WaitOptions): Promise<ReceivedEvent[]>

  /**
   * Takes all events up to and including the first one that matches.
   *
   * @param match - An event type, or a function that is asked once for each event.
   * @param options - `timeoutMs` counts for all of them together.
   */
  until(
    match: string | ((event: ReceivedEvent) => boolean),
    options?: WaitOptions,
  ): Promise<ReceivedEvent[]>

  /**
   * Takes all events that are left and resolves when the event stream has ended, also when the
   * test closed it.
   *
   * @param options - `timeoutMs` counts for all of them together.
   */
  all(options?: WaitOptions): Promise<ReceivedEvent[]>

  /**
   * Resolves when `condition` is true of this connection. It is asked at once and after each chunk
   * received, and takes no events: for comments, `retry`, bytes and anything else that is no event.
   * Works on any response.
   *
   * @param condition - For example `({ comments }) => comments.length > 1`.
   * @param options - `timeoutMs` counts from the call.
   */
  waitFor(
    condition: (connection: EventStreamConnection) => boolean,
    options?: WaitOptions,
  ): Promise<void>

  /**
   * Resolves when the response body has ended, with how it did; rejects only with
   * `ERR_SSE_TEST_TIMEOUT`. Takes no events. Works on any response.
   */
  ended(options?: WaitOptions): Promise<StreamEnd>

  /**
   * Closes this connection and makes the same request again, at once and whatever `retry` says,
   * with `Last-Event-ID` set to `lastEventId`.
   *
   * @returns The new connection, as from {@link connect}. A server that was started for this
   * connection is started again: what the app keeps in memory stays, the port changes.
   */
  reconnect(): Promise<EventStreamConnection>

  /**
   * Goes away as a client does, unless the response has ended: closes the socket, resets the HTTP/2
   * stream, or aborts the request's signal and cancels the `Response` body. A server that was started for this
   * connection closes as well, after it has noticed. Pending calls reject or end; events that
   * came before can still be taken. Safe to call twice; never rejects.
   */
  close(): Promise<void>

  /** The same as {@link EventStreamConnection.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
