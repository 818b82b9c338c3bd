import type { SharedBytes } from '../sinks/sink.ts'

/** Compresses the body of one response. */
export interface Coder {
  /** How many bytes it took of which nothing has come out. */
  readonly heldBytes: number
  /**
   * Takes bytes. What they become can be decoded as soon as it has arrived.
   *
   * @param shared - What they are the whole or a part of, where others are given the same.
   * @param start - Where in `shared` they begin.
   * @returns what they have become; `undefined`: that comes out later.
   */
  write(bytes: Uint8Array, shared: SharedBytes | undefined, start: number): SharedBytes | undefined
  /** Nothing more comes: lets out what the body ends with, and says that it is over. */
  end(): void
  /** Gives back what it holds. It says nothing from then on. May be called more than once. */
  release(): void
}

/** What a coder tells the sink, but not while it is written to. */
export interface CoderListener {
  /**
   * Something came out.
   *
   * @param plainBytes - How many bytes went in for it.
   */
  coded(bytes: Uint8Array, plainBytes: number): void
  /** Everything came out. */
  ended(): void
  /** It cannot go on. */
  failed(error: Error): void
}

/** Makes the coder of one response. */
export type CreateCoder = (listener: CoderListener) => Coder
