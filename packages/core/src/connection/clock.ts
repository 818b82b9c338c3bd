import { defer } from '../deferred.ts'
import { createDeadlines, type Deadlines } from './deadlines.ts'
import { createTurns, type Turns } from './turns.ts'

/** What connections wait with. */
export interface Clock {
  readonly turns: Turns
  readonly deadlines: Deadlines
}

/** Makes a clock that any number of connections share: one callback a turn, one timer. */
export function createClock(): Clock {
  return { turns: createTurns(), deadlines: createDeadlines() }
}

/**
 * Whether timers belong to the request during which they were started, and die with it. Then a stream that waits
 * with a timer of another request loses its heartbeats, or is cancelled as hung, when that one ends.
 *
 * @see {@link https://developers.cloudflare.com/workers/observability/errors/#cannot-perform-io-on-behalf-of-a-different-request}
 */
export function areTimersRequestBound(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  return navigator?.userAgent === 'Cloudflare-Workers'
}

/** Makes a clock for one connection alone. Called, as every clock of this kind, during its request. */
export function createRequestClock(): Clock {
  return { turns: createTurns(createRequestAlarm()), deadlines: createDeadlines() }
}

/**
 * The end of a turn of the request that called this, also when another request asks for it by sending to the
 * stream.
 */
function createRequestAlarm(): (callback: () => void) => void {
  const run = createRequestCaller()
  return (callback) => run(() => setTimeout(callback, 0))
}

/**
 * Makes what runs callbacks in the request that called this, whichever request asks for it. What awaits a promise
 * goes on in the request that made the promise, whoever resolves it.
 */
export function createRequestCaller(): (callback: () => void) => void {
  let ring: (callback: () => void) => void
  const arm = (): void => {
    const { promise, resolve } = defer<() => void>()
    ring = resolve
    void promise.then((callback) => {
      arm()
      callback()
    })
  }
  arm()
  return (callback) => ring(callback)
}
