import type { ChannelState } from './channel-state.ts'
import { backlogOf } from './window.ts'

const RESOLVED: Promise<void> = Promise.resolve()

/** Resolves when all subscribers for which publishers should wait have room. */
export function whenReady(state: ChannelState): Promise<void> {
  if (!isCongested(state)) return RESOLVED
  state.readyPromise ??= new Promise((resolve) => {
    state.resolveReady = resolve
  })
  return state.readyPromise
}

/** Somebody took something, or left. */
export function settleReady(state: ChannelState): void {
  const { resolveReady } = state
  if (resolveReady === undefined || isCongested(state)) return
  state.readyPromise = undefined
  state.resolveReady = undefined
  resolveReady()
}

// Half a queue: publishers that waited together publish together.
function isCongested(state: ChannelState): boolean {
  for (const { overflow, queue, cursor, isLive } of state.subscriptions) {
    if (overflow !== 'wait' || !isLive) continue
    const { events, bytes } = backlogOf(state, cursor)
    if (events > queue.maxEvents / 2 || bytes > queue.maxBytes / 2) return true
  }
  return false
}
