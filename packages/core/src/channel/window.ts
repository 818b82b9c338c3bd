import type { ChannelState, Subscription } from './channel-state.ts'
import type { LogEntry } from './event-log.ts'
import { dropBefore, itemAt, push } from './ring.ts'
import { NO_PORTIONS } from './view.ts'

/** An event came: it is there for all that are live. */
export function addToWindow(state: ChannelState, entry: LogEntry): void {
  state.bytesIn += entry.bytes.length
  push(state.window, { entry, bytesUntil: state.bytesIn })
  state.caughtUp = 0
}

/** Gives a subscription a cursor, at the end of the window. */
export function joinWindow(state: ChannelState, subscription: Subscription): void {
  state.live += 1
  state.caughtUp += 1
  subscription.isLive = true
  subscription.cursor = state.window.end
}

/** Takes the cursor away. */
export function leaveWindow(state: ChannelState, subscription: Subscription): void {
  if (!subscription.isLive) return
  subscription.isLive = false
  state.live -= 1
  if (subscription.cursor === state.window.end) state.caughtUp -= 1
  releaseWindow(state)
}

/** Moves a cursor forward. */
export function moveCursor(state: ChannelState, subscription: Subscription, to: number): void {
  const { window } = state
  if (subscription.cursor === to) return
  subscription.cursor = to
  if (!subscription.isLive) return
  if (to === window.end) state.caughtUp += 1
  releaseWindow(state)
}

/** Lets go of what even the slowest has passed. */
export function dropPassed({ window, subscriptions, live, caughtUp }: ChannelState): void {
  if (live === 0 || caughtUp === live) return
  let oldest = window.end
  for (const { isLive, cursor } of subscriptions) if (isLive && cursor < oldest) oldest = cursor
  if (oldest > window.start) dropBefore(window, oldest)
}

/** When everybody has passed everything, nothing is held. */
function releaseWindow(state: ChannelState): void {
  if (state.caughtUp < state.live || state.window.start === state.window.end) return
  dropBefore(state.window, state.window.end)
  state.view.portions = NO_PORTIONS
  for (const view of state.keyedViews?.values() ?? []) view.portions = NO_PORTIONS
}

/** Events and bytes between a cursor and the end of the window. */
export function backlogOf(state: ChannelState, cursor: number): { events: number; bytes: number } {
  const { window, bytesIn } = state
  if (cursor === window.end) return { events: 0, bytes: 0 }
  const { entry, bytesUntil } = itemAt(window, cursor)
  return { events: window.end - cursor, bytes: bytesIn - bytesUntil + entry.bytes.length }
}
