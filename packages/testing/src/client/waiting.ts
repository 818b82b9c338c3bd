import { startTimer, stopTimer } from '../clock.ts'
import { assertOptions, invalidOption, type KnownOptions } from './invalid-option.ts'

// Vitest and Jest give a test 5 seconds: our account of what came must be there before theirs.
/** How long a waiting method waits unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 4_000

// `setTimeout` fires at once for anything longer.
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * What every method that waits takes.
 *
 * @public
 */
export interface WaitOptions {
  /**
   * Milliseconds after which the method gives up and rejects with `ERR_SSE_TEST_TIMEOUT`. The
   * clock is the real one, also while a test has faked timers. `0` waits for what is already on
   * its way in this turn of the event loop; `Infinity` waits as long as the test runner does.
   *
   * @defaultValue 4000, a second less than Vitest and Jest give a test, so that its failure is
   * explained; or the `timeoutMs` that the connection was opened with
   */
  readonly timeoutMs?: number | undefined
}

/** The names of these options. */
export const WAIT_OPTIONS: KnownOptions<WaitOptions> = { timeoutMs: true }

/** Calls that wait for something that later input may bring. */
export interface Waiting {
  /** How many calls are waiting. */
  readonly count: number
  /**
   * Resolves with the first result of `attempt` that is not `undefined`, rejects with what it
   * throws. It is tried at once and at every `notify()`, in the order of the calls.
   */
  wait<T>(attempt: () => T | undefined, timeoutMs: number, onTimeout: () => Error): Promise<T>
  /** Something has come or changed. */
  notify(): void
}

/** `onWait` is called whenever a call has to wait. */
export function createWaiting(onWait: () => void = () => {}): Waiting {
  const checks = new Set<() => void>()
  return {
    get count() {
      return checks.size
    },
    notify() {
      for (const check of checks) check()
    },
    wait<T>(attempt: () => T | undefined, timeoutMs: number, onTimeout: () => Error): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const check = () => {
          try {
            const result = attempt()
            if (result === undefined) return
            resolve(result)
          } catch (error) {
            reject(error)
          }
          checks.delete(check)
          stopTimer(timer)
        }
        const timer = startDeadline(timeoutMs, () => {
          checks.delete(check)
          reject(onTimeout())
        })
        checks.add(check)
        check()
        if (checks.has(check)) onWait()
      })
    },
  }
}

/** Settles as `work` does, or rejects with what `onTimeout` makes when its time is over. */
export function within<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = startDeadline(timeoutMs, () => reject(onTimeout()))
    work.then(resolve, reject).finally(() => stopTimer(timer))
  })
}

/** How long a call of a waiting method waits. */
export function resolveTimeoutMs(options: WaitOptions | undefined, defaultMs: number): number {
  if (options === undefined) return assertTimeoutMs(defaultMs)
  assertOptions('a waiting method', options, WAIT_OPTIONS)
  return assertTimeoutMs(options.timeoutMs ?? defaultMs)
}

/** Checks a `timeoutMs` given by a user. */
export function assertTimeoutMs(timeoutMs: number): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs
  throw invalidOption('timeoutMs', 'a non-negative number of milliseconds', timeoutMs)
}

/** Starts a timer of the real clock; none where it would be too far away to matter. */
export function startDeadline(
  timeoutMs: number,
  onTimeout: () => void,
): NodeJS.Timeout | undefined {
  return timeoutMs <= LONGEST_TIMER_MS ? startTimer(onTimeout, timeoutMs) : undefined
}
