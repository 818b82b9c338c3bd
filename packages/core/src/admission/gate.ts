import { defer } from '../deferred.ts'
import { SseError, show } from '../errors.ts'
import type { ResolvedLimit } from '../options.ts'
import { isThenable, swallow } from '../thenable.ts'
import type { RejectReason } from './reject-reason.ts'
import { createSemaphore } from './semaphore.ts'

/** One request on its way through the gates, and then the slots that it holds. */
export interface Visit<Context> {
  readonly context: Context
  /** Gives back every slot that it holds. */
  release: (() => void) | undefined
  /** Set while the request stands in line: leaves it without a trace. */
  leaveLine: (() => void) | undefined
}

/** Lets in as many streams as a limit allows. Each request that was let in holds one slot. */
export interface Gate<Context> {
  /** How many requests stand in line. */
  readonly queued: number
  /**
   * Names the client that a request is counted for.
   *
   * @throws what `limit.key` throws.
   */
  keyOf(context: Context): string | undefined
  /**
   * Calls `answer` once, at once or when the request's turn comes: with nothing when it holds a
   * slot now, or with the reason why not. Never after `leave(visit)`.
   */
  enter(
    visit: Visit<Context>,
    key: string | undefined,
    answer: (refusal?: RejectReason) => void,
  ): void
  /** Refuses everyone in line, and whoever comes from now on. */
  refuseAll(reason: RejectReason): void
}

// One function, not an array of them: most requests hold one slot.
function hold(visit: Visit<unknown>, release: () => void): void {
  const { release: releaseOthers } = visit
  visit.release =
    releaseOthers === undefined
      ? release
      : () => {
          releaseOthers()
          release()
        }
}

/** Leaves every line and gives every slot back. May be called more than once. */
export function leave(visit: Visit<unknown>): void {
  visit.leaveLine?.()
  const { release } = visit
  visit.release = undefined
  release?.()
}

/**
 * Passes a request through one gate after another: a route's own, then the server's. Refused by one, it
 * gives back what the others gave.
 */
export function enterAll<Context>(
  gates: readonly Gate<Context>[],
  visit: Visit<Context>,
  answer: (refusal?: RejectReason) => void,
): void {
  // All before the first: where one throws, nothing is held yet and the caller is still there.
  const keys = gates.map((gate) => gate.keyOf(visit.context))
  const enterFrom = (index: number): void => {
    const gate = gates[index]
    if (gate === undefined) return answer()
    gate.enter(visit, keys[index], (refusal) => {
      if (refusal === undefined) return enterFrom(index + 1)
      leave(visit)
      answer(refusal)
    })
  }
  enterFrom(0)
}

export function createGate<Context>(limit: ResolvedLimit<Context>): Gate<Context> {
  const semaphore = createSemaphore(limit.maxConnections)
  const keys = createKeyCounters(limit.maxConnectionsPerKey)
  const line = new Set<(reason: RejectReason) => void>()
  let closedFor: RejectReason | undefined

  return {
    get queued() {
      return line.size
    },
    keyOf: (context) => readKey(limit, context),
    enter(visit, key, answer) {
      if (closedFor !== undefined) return answer(closedFor)
      if (key !== undefined) {
        if (!keys.tryTake(key)) return answer('key-limit')
        hold(visit, () => keys.release(key))
      }
      if (semaphore.tryTake()) {
        hold(visit, semaphore.release)
        return answer()
      }
      if (line.size >= limit.maxQueued) return answer('server-limit')
      standInLine(visit, answer)
    },
    refuseAll(reason) {
      closedFor = reason
      for (const refuse of [...line]) refuse(reason)
    },
  }

  function standInLine(visit: Visit<Context>, answer: (refusal?: RejectReason) => void): void {
    // A promise, so that what waits goes on in its own request: timers that it starts in another one die with
    // that on Cloudflare Workers. Nor at once: the stream that gave the slot back is busy with its own end.
    const granted = defer<void>()
    void granted.promise.then(() => {
      // Again, because only the request that started a timer can stop it there.
      clearTimeout(timer)
      if (visit.release !== undefined) answer(closedFor)
    })
    const leaveSemaphore = semaphore.wait(() => {
      visit.leaveLine?.()
      hold(visit, semaphore.release)
      granted.resolve()
    })
    const refuse = (reason: RejectReason): void => {
      if (visit.leaveLine === undefined) return
      visit.leaveLine()
      answer(reason)
    }
    const { queueTimeoutMs } = limit
    const timer = queueTimeoutMs && setTimeout(refuse, queueTimeoutMs, 'queue-timeout')
    line.add(refuse)
    visit.leaveLine = () => {
      visit.leaveLine = undefined
      clearTimeout(timer)
      line.delete(refuse)
      leaveSemaphore()
    }
  }
}

interface KeyCounters {
  tryTake(key: string): boolean
  release(key: string): void
}

function createKeyCounters(slots: number): KeyCounters {
  const taken = new Map<string, number>()
  return {
    tryTake(key) {
      const count = taken.get(key) ?? 0
      if (count >= slots) return false
      taken.set(key, count + 1)
      return true
    },
    release(key) {
      const count = (taken.get(key) ?? 0) - 1
      // A counter at zero goes, or every key ever seen would stay.
      if (count > 0) taken.set(key, count)
      else taken.delete(key)
    },
  }
}

function readKey<Context>(limit: ResolvedLimit<Context>, context: Context): string | undefined {
  if (limit.maxConnectionsPerKey === Infinity) return undefined
  const key = limit.key?.(context)
  if (key === undefined || typeof key === 'string') return key
  swallow(key)
  throw new SseError(
    'ERR_SSE_INVALID_OPTION',
    `\`limit.key\` must return a string, or undefined for a request that has no limit of its own, got ${show(key)}${fixFor(key)}`,
  )
}

function fixFor(key: unknown): string {
  if (isThenable(key)) {
    return '. It must be synchronous: find out whose request it is before, in middleware.'
  }
  return typeof key === 'number' || typeof key === 'bigint' ? '. Return `String(…)` of it.' : ''
}
