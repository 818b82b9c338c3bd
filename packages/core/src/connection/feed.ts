/** Writes to a connection by itself, as much as there is room for, instead of being sent. */
export interface Feed {
  /** What it follows. */
  readonly origin: object
  /** Whether it has nothing but what is new: it does not replay. */
  readonly isLive: boolean
  /** Writes one portion. @returns whether there is more. */
  fill(): boolean
  /**
   * There is no room, and something new may have come.
   *
   * @param isStuck - Whether the client has taken nothing for a whole turn, so that it is not the turn that is full.
   */
  hold(isStuck: boolean): void
  /** The id from which a client continues this feed, if it can. */
  position: (() => string | undefined) | undefined
  /** The stream ends: nothing can be written from now on. Called once. */
  detach(): void
}
