/** What a client noticed of an event stream. */
export type Happening =
  /** The head is in: `open` of an EventSource, the response of a fetch. */
  | { type: 'open' }
  /** An event; `id` is the last event ID by then. */
  | { type: 'event'; event: string; data: string; id: string }
  /** An EventSource lost its connection; final: and will not come back. */
  | { type: 'lost'; isFinal: boolean }
  /** The body of a response ended. */
  | { type: 'end' }
  /** No event stream, or a broken one. */
  | { type: 'failed'; why: string }

export type Emit = (happening: Happening) => void

/** Opens an event stream, says what happens, and gives what leaves it. */
export type Opener = (url: string, headers: Record<string, string>, emit: Emit) => () => void
