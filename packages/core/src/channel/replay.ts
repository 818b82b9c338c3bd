import { isThenable } from '../thenable.ts'
import type { Subscription } from './channel-state.ts'
import type { LogPage } from './event-log.ts'
import { tellGap } from './gap.ts'
import { MAX_BOUNDS } from './view.ts'
import { backlogOf, joinWindow, leaveWindow, moveCursor } from './window.ts'

// How many entries are read from the log at once.
const PAGE_ENTRIES = 256

/**
 * Reads on in the log. Where that takes time, what comes in the meantime waits in the window.
 *
 * @param later - Runs the rest when the log has answered, if the subscription still is.
 */
export function readLog(subscription: Subscription, later: (rest: () => void) => void): void {
  const { state } = subscription
  leaveWindow(state, subscription)
  joinWindow(state, subscription)
  // What comes from now on is not missing, whatever the log has lost.
  const newest = state.log.newest()
  const page = state.log.read(subscription.after, PAGE_ENTRIES, MAX_BOUNDS.maxBytes)
  subscription.isStale = false
  if (!isThenable(page)) return take(subscription, page, newest)
  subscription.isLoading = true
  const answered = (rest: () => void): void => {
    subscription.isLoading = false
    later(rest)
  }
  page.then(
    (loaded) => answered(() => take(subscription, loaded, newest)),
    (error: unknown) =>
      answered(() => {
        throw error
      }),
  )
}

function take(subscription: Subscription, { entries, lost }: LogPage, newest: number): void {
  const { state } = subscription
  const [first] = entries
  if (lost !== 0 || subscription.gap !== undefined) {
    // Where its id says nothing, nobody knows what it misses.
    subscription.gap ??= { reason: 'expired', lost: lost ?? null, after: undefined }
    subscription.gap.after = first === undefined ? newest : first.order - 1
    tellGap(subscription)
  }
  if (first !== undefined) {
    leaveWindow(state, subscription)
    subscription.list = entries
    return
  }
  // What came meanwhile was let go: it has to be read as well.
  subscription.isReplaying = subscription.isStale
}

/** While a log takes its time, no more waits in the window than may. @returns that there is nothing to send. */
export function boundLoading(subscription: Subscription): false {
  const { state, queue } = subscription
  const { events, bytes } = backlogOf(state, subscription.cursor)
  if (events > queue.maxEvents || bytes > queue.maxBytes) {
    moveCursor(state, subscription, state.window.end)
    subscription.isStale = true
  }
  return false
}
