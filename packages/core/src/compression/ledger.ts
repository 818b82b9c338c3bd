/**
 * Counts in plain bytes what a sink below holds compressed, so that bounds and timeouts mean the same with and
 * without compression: what a client has taken must never seem to grow because more was written.
 */
export interface Ledger {
  /** Something was handed to the sink. */
  wrote(plainBytes: number, codedBytes: number): void
  /**
   * How many plain bytes wait in the sink.
   *
   * @param codedHeld - How many compressed bytes it holds. More than none.
   */
  held(codedHeld: number): number
}

export function createLedger(): Ledger {
  // What was handed over and waits, in part at least, oldest first.
  let plain: number[] = []
  let coded: number[] = []
  let plainWaiting = 0
  let codedWaiting = 0
  return {
    wrote(plainBytes, codedBytes) {
      plain.push(plainBytes)
      coded.push(codedBytes)
      plainWaiting += plainBytes
      codedWaiting += codedBytes
    },
    held(codedHeld) {
      let gone = 0
      // A write waits until all of it is gone.
      while (gone < plain.length && codedWaiting - (coded[gone] as number) >= codedHeld) {
        plainWaiting -= plain[gone] as number
        codedWaiting -= coded[gone] as number
        gone += 1
      }
      if (gone > 0) {
        plain = plain.slice(gone)
        coded = coded.slice(gone)
      }
      return plainWaiting
    },
  }
}
