import { startTimer } from '../clock.ts'

const POLL_MS = 5

/**
 * Polls until `check` no longer throws, at most for `withinMs`; then throws what it threw last.
 *
 * The time is counted in turns of the event loop, each of which lets everything happen that is due: a
 * machine that stalls makes no check fail.
 */
export async function eventually<T>(check: () => T, withinMs = 3_000): Promise<T> {
  for (let left = withinMs / POLL_MS; ; left -= 1) {
    try {
      return check()
    } catch (error) {
      if (left <= 0) throw error
    }
    await new Promise<void>((resolve) => startTimer(resolve, POLL_MS))
  }
}

// More turns of the event loop than any buffer on the way needs to pass its content on.
const QUIET_POLLS = 12

/**
 * Waits until `measure` gives the same for a while: what it measures has come to rest, because whoever
 * drives it waits for somebody else.
 *
 * @returns What it gives then.
 */
export async function atRest<T>(measure: () => T): Promise<T> {
  let last = measure()
  for (let polls = 0; polls < QUIET_POLLS; polls += 1) {
    await new Promise<void>((resolve) => startTimer(resolve, POLL_MS))
    const next = measure()
    if (next !== last) polls = 0
    last = next
  }
  return last
}

/** A promise that is settled from outside. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function createGate(): Gate {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
