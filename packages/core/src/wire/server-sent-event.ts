/**
 * One server-sent event, as a source yields it or `stream.send()` takes it. At least one property
 * has to be set.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation}
 *
 * @example
 * ```ts
 * const event: ServerSentEvent = { event: 'progress', id: '17', data: { percent: 40 } }
 * ```
 *
 * @public
 */
export interface ServerSentEvent {
  /**
   * The event type, which clients listen for. Without it clients dispatch a `message` event.
   * Must not contain CR or LF. An event named `error` reaches the same listener of an
   * `EventSource` as its connection errors; `event.data` tells the two apart.
   */
  event?: string | undefined
  /**
   * The last event ID: clients keep it and send it back as `Last-Event-ID` when they reconnect.
   * `''` makes them forget it. Must not contain CR, LF or U+0000 and is at most 1024 bytes of
   * UTF-8. A number is written in decimal.
   */
  id?: string | number | undefined
  /** The reconnection time in milliseconds, an integer from 0 to 2 147 483 647. */
  retry?: number | undefined
  /**
   * The payload. A string goes out verbatim, each of its lines as a `data` field of its own;
   * anything else goes through `serialize` (JSON by default).
   */
  data?: unknown
  /** A comment, which clients ignore; each of its lines becomes a comment line. */
  comment?: string | undefined
}

/**
 * What a source may yield: an event, or a plain string as the data of an event without a type.
 *
 * @public
 */
export type EventInput = ServerSentEvent | string

/**
 * Turns the `data` of an event that is not a string into text. Must return a string.
 *
 * @public
 */
export type Serialize = (data: unknown) => string
