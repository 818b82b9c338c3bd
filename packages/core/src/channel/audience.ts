import type { Audience, ChannelState, Subscription } from './channel-state.ts'

/** A subscription begins. */
export function addToAudience(state: ChannelState, subscription: Subscription): void {
  const { turns } = subscription.connection
  state.audience ??= { turns, state, isScheduled: false, onTurnEnd: lookAll }
  state.subscriptions.add(subscription)
  if (turns === state.audience.turns) return
  if (state.others.size === 0) state.others = new Set()
  state.others.add(subscription)
}

/** A subscription ended. */
export function removeFromAudience(state: ChannelState, subscription: Subscription): void {
  state.subscriptions.delete(subscription)
  state.others.delete(subscription)
  // Made anew next time: where turns belong to requests, those of one that ended may never end.
  if (state.subscriptions.size === 0) state.audience = undefined
}

/** Something new is there for a subscription. A channel that was closed may have ended it. */
export function notify({ connection }: Subscription): void {
  connection.turns.schedule(connection)
}

/**
 * Something new is there for all. Those that share their turns are not put in line one by one: that alone would take as
 * long as all of the library's other work on them, as nothing of ten thousand streams is in the cache of a processor.
 */
export function notifyAll(state: ChannelState): void {
  state.audience?.turns.schedule(state.audience)
  for (const subscription of state.others) notify(subscription)
}

function lookAll(this: Audience, now: number): void {
  for (const { connection } of this.state.subscriptions) {
    // One whose head was not sent is in line itself: its handler may not have had its turn.
    const isOpen = connection.phase !== 'setup'
    if (isOpen && connection.turns === this.turns) connection.onTurnEnd(now)
  }
}
