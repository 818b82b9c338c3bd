/** One that waits for a slot. */
interface Waiter {
  readonly grant: () => void
}

/** Counts slots exactly, and hands a freed one to whoever waits longest. */
export interface Semaphore {
  /** Slots taken. */
  readonly taken: number
  /** How many wait. */
  readonly waiting: number
  /** Takes a slot if one is free and nobody waits for it. */
  tryTake(): boolean
  /**
   * Waits in line for a slot, which is already taken when `grant` is called.
   *
   * @returns A function that leaves the line; it does nothing once the slot was granted.
   */
  wait(grant: () => void): () => void
  /** Gives a slot back. Called exactly once for each that was taken. */
  release(): void
}

/** @param slots - How many may be taken at once; `Infinity` for no limit. */
export function createSemaphore(slots: number): Semaphore {
  // A Set keeps the order of insertion, and leaving from the middle costs nothing.
  const line = new Set<Waiter>()
  let taken = 0
  return {
    get taken() {
      return taken
    },
    get waiting() {
      return line.size
    },
    tryTake() {
      if (taken >= slots || line.size > 0) return false
      taken += 1
      return true
    },
    wait(grant) {
      const waiter: Waiter = { grant }
      line.add(waiter)
      return () => void line.delete(waiter)
    },
    release() {
      const next = line.values().next()
      if (next.done) {
        taken -= 1
        return
      }
      // The slot goes from hand to hand: nobody can slip in between.
      line.delete(next.value)
      next.value.grant()
    },
  }
}
