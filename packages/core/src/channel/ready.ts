import { defer } from '../deferred.ts'
import type { ChannelState, Subscription } from './channel-state.ts'
import { backlogOf } from './window.ts'

const RESOLVED: Promise<void> = Promise.resolve()

/** Resolves when all subscribers for which publishers should wait have room. */
export function whenReady(state: ChannelState): Promise<void> {
  if (state.ready !== undefined) return state.ready.promise
  if (state.caughtUp === state.live) return RESOLVED
  const congested = [...state.subscriptions].filter(isCongested)
  if (congested.length === 0) return RESOLVED
  state.congested = new Set(congested)
  state.ready = defer()
  return state.ready.promise
}

/** A subscriber took something, or left. */
export function settleReady(subscription: Subscription): void {
  const { state } = subscription
  const { congested, ready } = state
  if (congested.size === 0 || !congested.has(subscription)) return
  if (subscription.isOn && isCongested(subscription)) return
  congested.delete(subscription)
  if (congested.size > 0) return
  state.ready = undefined
  ready?.resolve()
}

// Half a queue: publishers that waited together publish together.
function isCongested({ state, overflow, queue, cursor, isLive }: Subscription): boolean {
  if (overflow !== 'wait' || !isLive) return false
  const { events, bytes } = backlogOf(state, cursor)
  return events > queue.maxEvents / 2 || bytes > queue.maxBytes / 2
}
