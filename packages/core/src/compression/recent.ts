// Below that, what is kept is moved more often than it is used.
const LEAST_SPARE_BYTES = 1_024
// Events repeat what was in the last few. To look further back takes more time than it saves bytes.
const WINDOW_WRITES = 4

/** The last bytes of a text, in one piece. */
export interface Recent {
  /** Valid until something is added. */
  bytes(): Uint8Array
  add(bytes: Uint8Array): void
  clear(): void
}

/**
 * @param least - How many bytes are kept.
 * @param most - How many are kept after large writes, of which a few should fit in.
 */
export function createRecent(least: number, most: number): Recent {
  let window = least
  let held = new Uint8Array(0)
  let end = 0
  return {
    bytes: () => held.subarray(Math.max(0, end - window), end),
    add(bytes) {
      window = Math.min(most, Math.max(window, bytes.length * WINDOW_WRITES))
      const added = bytes.length > window ? bytes.subarray(bytes.length - window) : bytes
      if (end + added.length > held.length) {
        const kept = held.subarray(Math.max(0, end + added.length - window), end)
        const needed = kept.length + added.length
        // Half as much again, so that what is kept is moved seldom.
        const room = Math.max(Math.min(needed * 2, window * 1.5), needed + LEAST_SPARE_BYTES)
        const next = room > held.length ? new Uint8Array(room) : held
        next.set(kept)
        held = next
        end = kept.length
      }
      held.set(added, end)
      end += added.length
    },
    clear() {
      end = 0
    },
  }
}
