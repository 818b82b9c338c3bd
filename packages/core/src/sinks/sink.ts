/**
 * Status and headers of a response, before its body.
 *
 * @public
 */
export interface ResponseHead {
  /** The HTTP status code. */
  readonly status: number
  /** Header names as they are written, with their values. */
  readonly headers: Readonly<Record<string, string>>
}

/** Encoded blocks, which several sinks may be given. */
export interface SharedBytes {
  readonly bytes: Uint8Array
  /** The same as an HTTP/1.1 chunk, made by the first sink that needs it. */
  chunk?: Uint8Array | undefined
  /** In which sequence most of those who get these bytes get what comes before and after; `undefined`: in none. */
  sequence?: Sequence | undefined
  /** Where they begin and end in that sequence. What comes later begins where this ends, or after it. */
  readonly from?: number
  readonly to?: number
  /** What compression made of them, for the next sink that needs it. */
  compressed?: unknown
}

/** Bytes of which one share after the other goes to the same sinks. */
export interface Sequence {
  /** What compression knows of it. */
  compressed?: unknown
}

/** What a sink tells the engine. Called from outside the engine's own calls or during them. */
export interface SinkListener {
  /** There is room again after `write` returned `false`. */
  drained(): void
  /** The response was handed over whole after `end`. Called once, or `gone` is. */
  finished(): void
  /** The peer is gone; nothing that is written from now on arrives. Called at most once. */
  gone(): void
}

/**
 * Where the bytes of one response go. The engine calls exactly one of `open` and `reply`, once, and
 * nothing after `finished` or `gone`.
 */
export interface Sink {
  /** `true` when the peer left before the engine started to listen. */
  readonly isGone: boolean
  /** `true` when somebody already sent a response, so that no event stream can be opened. */
  readonly isSent: boolean
  /** Bytes written that have not left for the kernel (or, for a web stream, for its reader). */
  readonly bufferedBytes: number
  /** Reads a header that earlier middleware set on the response. */
  header(name: string): string | null | undefined
  /** Starts to watch the peer. Called again, only replaces the listener. */
  listen(listener: SinkListener): void
  /** Sends the head of an event stream. */
  open(head: ResponseHead): void
  /** Sends a whole response instead of an event stream: a refusal, or the answer to HEAD. */
  reply(head: ResponseHead, body: string): void
  /** Text to UTF-8, in the way that is fastest where this sink is. */
  encode(text: string): SharedBytes
  /**
   * Takes text of which each character is one byte in UTF-8, without encoding it.
   *
   * @returns as `write`; `undefined`: it was not taken, and has to be encoded.
   */
  writeText?(text: string): boolean | undefined
  /**
   * Takes bytes, which are not touched afterwards; `false`: wait for `drained` before more.
   *
   * @param shared - What `bytes` are the whole or a part of.
   * @param start - Where in `shared` they begin.
   */
  write(bytes: Uint8Array, shared?: SharedBytes, start?: number): boolean
  /**
   * Ends the body once all that was written is handed over; then calls `finished`.
   *
   * @param closeConnection - Whether the connection below goes too, as on shutdown.
   */
  end(closeConnection: boolean): void
  /**
   * Drops the response at once, with what it still holds.
   *
   * @param reason - For logs of the framework.
   * @param closeConnection - Whether the connection below goes too, as on shutdown.
   */
  destroy(reason: Error, closeConnection: boolean): void
  /** Removes every listener. Called once, last. */
  release(): void
}
