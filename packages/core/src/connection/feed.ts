/** Writes to a connection by itself, as much as there is room for, instead of being sent. */
export interface Feed {
  /** Writes one portion. @returns whether there is more. */
  fill(): boolean
  /** There is no room, and something new may have come. */
  hold(): void
  /** The id from which a client continues this feed, if it can. */
  position: (() => string) | undefined
  /** The stream ends: nothing can be written from now on. Called once. */
  detach(): void
}
