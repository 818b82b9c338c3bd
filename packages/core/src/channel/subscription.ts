import { emitShared } from '../connection/emit.ts'
import { fillFeeds, removeFeed } from '../connection/feeds.ts'
import { failSource } from '../connection/run-source.ts'
import { notify, removeFromAudience } from './audience.ts'
import type { ChannelState, Subscription } from './channel-state.ts'
import type { LogEntry } from './event-log.ts'
import { idWithOthers, tellGap, tellPlace } from './gap.ts'
import { coalesceBacklog, POLICIES } from './overflow.ts'
import { keepPlace } from './places.ts'
import { settleReady } from './ready.ts'
import { boundLoading, readLog } from './replay.ts'
import { itemAt } from './ring.ts'
import { releaseView } from './take-view.ts'
import { type Bounds, gather, MAX_BOUNDS, type Portion } from './view.ts'
import { backlogOf, leaveWindow, moveCursor } from './window.ts'

// Shorter lists are quick to go through.
const LONG_LIST = 256

export const NO_ENTRIES: readonly LogEntry[] = []

/** Ends a subscription whose stream goes on. */
export function unsubscribe(subscription: Subscription): void {
  removeFeed(subscription.connection, subscription)
  over(subscription)
}

/** Ends a subscription whose stream may come back to the channel, and goes on from where it was then. */
export function leave(subscription: Subscription): void {
  const place = subscription.position?.()
  unsubscribe(subscription)
  if (place !== undefined) keepPlace(subscription.connection, place)
}

/** It gets nothing more. */
export function over(subscription: Subscription): void {
  const { state } = subscription
  if (!subscription.isOn) return
  subscription.isOn = false
  removeFromAudience(state, subscription)
  leaveWindow(state, subscription)
  subscription.list = NO_ENTRIES
  settleReady(subscription)
  if (subscription.onAbort !== undefined) {
    subscription.signal?.removeEventListener('abort', subscription.onAbort)
  }
  releaseView(state, subscription.view)
  if (state.subscriptions.size === 0) {
    state.unfollow?.()
    state.unfollow = undefined
    state.view.compressed = undefined
  }
  subscription.resolve()
}

/** What a filter, a transform or the log throws ends this stream, and no other. */
function guard(subscription: Subscription, step: (subscription: Subscription) => boolean): boolean {
  // A filter or a hook that publishes a lot makes everybody look, this one too.
  if (subscription.isBusy || !subscription.isOn) return false
  subscription.isBusy = true
  subscription.state.isAnnounced = false
  try {
    return step(subscription)
  } catch (error) {
    unsubscribe(subscription)
    failSource(subscription.connection, error)
    return false
  } finally {
    subscription.isBusy = false
  }
}

/** Sends one portion. @returns whether there is more. */
function fill(subscription: Subscription): boolean {
  const { state, connection } = subscription
  if (subscription.isLoading) return boundLoading(subscription)
  if (room(subscription) === 0) return false
  if (subscription.isBehind && !subscription.isReplaying) {
    // What piled up leaves without what was replaced meanwhile.
    if (subscription.overflow === 'coalesce') coalesceBacklog(subscription)
    subscription.isBehind = false
  }
  if (subscription.listAt < subscription.list.length) sendList(subscription)
  else if (subscription.isReplaying) readLog(subscription, (rest) => goOn(subscription, rest))
  else if (subscription.gap !== undefined) tellGap(subscription)
  else sendWindow(subscription)
  if (!subscription.isOn) return false
  settleReady(subscription)
  if (hasMore(subscription)) return !subscription.isLoading
  if (subscription.after < state.closesAfter) return false
  if (state.log.keepsEvents && subscription.lastIdOrder < subscription.after)
    tellPlace(subscription)
  unsubscribe(subscription)
  // The client must not get all of it again, when it comes back for what goes on.
  if (state.log.keepsEvents) keepPlace(connection, state.log.idOf(subscription.after))
  return false
}

/** The log has answered. */
function goOn(subscription: Subscription, rest: () => void): void {
  guard(subscription, () => {
    rest()
    return false
  })
  if (subscription.isOn) notify(subscription)
}

export function fillGuarded(subscription: Subscription): boolean {
  return guard(subscription, fill)
}

export function holdGuarded(subscription: Subscription, isStuck: boolean): void {
  guard(subscription, () => hold(subscription, isStuck))
}

/** The id from which a client continues. One that gave no place has none before it was told so. */
export function placeOf(this: Subscription): string | undefined {
  const { state, gap, after } = this
  const isLost = gap !== undefined && gap.reason !== 'dropped'
  return isLost ? undefined : state.log.idOf(after)
}

function listSent(subscription: Subscription): void {
  const { afterList } = subscription
  subscription.list = NO_ENTRIES
  subscription.listAt = 0
  subscription.listBytes = 0
  subscription.afterList = undefined
  if (afterList !== undefined) subscription.after = afterList
}

function hasMore({ state, list, listAt, isReplaying, gap, cursor }: Subscription): boolean {
  return listAt < list.length || isReplaying || gap !== undefined || cursor < state.window.end
}

function sendList(subscription: Subscription): void {
  const { view, list } = subscription
  const entries = {
    at: (index: number) => list[index] as LogEntry,
    end: () => list.length,
    isShared: false,
  }
  const portion = gather(view, entries, subscription.listAt, boundsOf(subscription))
  subscription.listAt = portion.to
  subscription.after = list[portion.to - 1]?.order ?? subscription.after
  if (portion.to === list.length) listSent(subscription)
  send(subscription, portion)
}

function sendWindow(subscription: Subscription): void {
  skipKnown(subscription)
  const { state, view, cursor } = subscription
  if (cursor === state.window.end) return
  const portion = gather(view, state.windowEntries, cursor, boundsOf(subscription))
  if (!subscription.isOn) return
  if (portion.to > cursor) subscription.after = itemAt(state.window, portion.to - 1).entry.order
  moveCursor(state, subscription, portion.to)
  send(subscription, portion)
}

function send(subscription: Subscription, portion: Portion): void {
  const { events, lastOrder } = portion
  // Its own filter may have ended it.
  if (events === 0 || !subscription.isOn) return
  subscription.state.delivered += events
  subscription.lastIdOrder = lastOrder
  emitShared(subscription.connection, portion, events)
}

/** What a portion may hold. The same for most, who then share it. */
function boundsOf(subscription: Subscription): Bounds {
  const { maxBufferedBytes } = subscription.connection.options
  const maxEvents = room(subscription)
  const idOf = idWithOthers(subscription)
  if (maxEvents === Infinity && idOf === undefined && maxBufferedBytes >= MAX_BOUNDS.maxBytes) {
    return MAX_BOUNDS
  }
  return { maxEvents, maxBytes: Math.min(maxBufferedBytes, MAX_BOUNDS.maxBytes), idOf }
}

/** How many events the stream may still be given. */
function room({ connection }: Subscription): number {
  const { maxEvents } = connection.options
  return maxEvents === 0 ? Infinity : Math.max(0, maxEvents - connection.events)
}

/** What was read from a log that is not here may come here later. */
function skipKnown(subscription: Subscription): void {
  const { state, after } = subscription
  const { window } = state
  let { cursor } = subscription
  while (cursor < window.end && itemAt(window, cursor).entry.order <= after) cursor += 1
  moveCursor(state, subscription, cursor)
}

/** There is no room: what waits must stay within bounds. */
function hold(subscription: Subscription, isStuck: boolean): boolean {
  const { state, queue, overflow, list, listAt, listBytes } = subscription
  if (subscription.isLoading) return boundLoading(subscription)
  if (!subscription.isLive || subscription.isReplaying) return false
  skipKnown(subscription)
  const backlog = backlogOf(state, subscription.cursor)
  if (backlog.events === 0) return false
  const held = list.length - listAt
  // To go through a long list for every event would take too long. What comes is shared in the meantime.
  const slack = overflow === 'coalesce' && held >= LONG_LIST ? held / 4 : 0
  const isOver =
    (overflow === 'drop-newest' && subscription.gap !== undefined) ||
    backlog.events > Math.max(queue.maxEvents - held, slack) ||
    (backlog.bytes + listBytes > queue.maxBytes && backlog.events > slack)
  subscription.isBehind ||= isStuck
  // A client that reads cannot do so before the turn is over, however much that brings: then it is looked at again.
  if (isOver && isStuck) POLICIES[overflow](subscription)
  else if (isOver) notify(subscription)
  return false
}

/** Makes every subscription look at once: a turn that publishes a lot would otherwise hold all of it. */
export function fillAll({ subscriptions }: ChannelState): void {
  for (const { connection } of subscriptions) {
    if (connection.phase !== 'open') continue
    fillFeeds(connection)
    connection.turns.schedule(connection)
  }
}
