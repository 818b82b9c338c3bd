import * as timers from 'node:timers'

// Taken once, when the module loads: a test that fakes timers afterwards moves the clock of the
// server under test, and must neither trip nor freeze the deadlines of the client that watches it.

/** `setTimeout` of the real clock. */
export const startTimer: typeof timers.setTimeout = timers.setTimeout

/** `clearTimeout` of the real clock. */
export const stopTimer: typeof timers.clearTimeout = timers.clearTimeout

/** Milliseconds on the real, monotonic clock. */
export const now: () => number = performance.now.bind(performance)

const startImmediate = timers.setImmediate

/** Resolves after the event loop has polled for I/O and timers once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => startImmediate(resolve))
}

/** Resolves when `work` has settled in any way, or `limitMs` later, whichever comes first. */
export function settledWithin(work: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = startTimer(resolve, limitMs)
    const settled = () => {
      stopTimer(timer)
      resolve()
    }
    work.then(settled, settled)
  })
}
