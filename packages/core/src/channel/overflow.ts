import { endAtOnce } from '../connection/life.ts'
import type { Subscription } from './channel-state.ts'
import type { LogEntry } from './event-log.ts'
import { itemAt } from './ring.ts'
import { see } from './view.ts'
import { backlogOf, moveCursor } from './window.ts'

/** More waits for a subscriber than may: does what its policy says. */
export function applyPolicy(subscription: Subscription): void {
  switch (subscription.overflow) {
    case 'drop-oldest':
      return dropOldest(subscription)
    case 'drop-newest':
      return dropNewest(subscription)
    case 'coalesce':
      return coalesce(subscription)
    case 'disconnect':
    // Publishers did not wait.
    case 'wait':
      return disconnect(subscription)
  }
}

/** Of what waits with the same key, only the last event is left; nothing else is touched. */
export function coalesceBacklog(subscription: Subscription): void {
  const { state, list, listAt, view } = subscription
  const waiting = [...list.slice(listAt), ...takeWindow(subscription, state.window.end)]
  const keys = new Set<string>()
  const left: LogEntry[] = []
  for (const entry of waiting.reverse()) {
    const { key } = entry
    if (key !== undefined && keys.has(key)) {
      if (see(view, entry) !== undefined) state.coalesced += 1
      continue
    }
    if (key !== undefined) keys.add(key)
    left.push(entry)
  }
  subscription.list = left.reverse()
  subscription.listAt = 0
}

function coalesce(subscription: Subscription): void {
  coalesceBacklog(subscription)
  const { list, queue } = subscription
  let bytes = 0
  for (const entry of list) bytes += entry.bytes.length
  if (list.length > queue.maxEvents || bytes > queue.maxBytes) disconnect(subscription)
}

function dropOldest(subscription: Subscription): void {
  const { state, queue } = subscription
  let to = subscription.cursor
  for (; to < state.window.end; to += 1) {
    const { events, bytes } = backlogOf(state, to)
    if (events <= queue.maxEvents && bytes <= queue.maxBytes) break
  }
  lose(subscription, takeWindow(subscription, to))
}

/** What waits is kept aside, so that the window need not hold all that comes after it. */
function dropNewest(subscription: Subscription): void {
  const { state, queue, gap } = subscription
  const kept: LogEntry[] = []
  // Once something was lost, all is until what was kept has left: one gap, not many.
  if (gap === undefined) {
    let room = queue.maxBytes
    for (let to = subscription.cursor; to < state.window.end; to += 1) {
      const { entry } = itemAt(state.window, to)
      room -= entry.bytes.length
      if (kept.length === queue.maxEvents || room < 0) break
      kept.push(entry)
    }
    subscription.list = kept
    subscription.listAt = 0
    takeWindow(subscription, subscription.cursor + kept.length)
  }
  lose(subscription, takeWindow(subscription, state.window.end))
}

function disconnect(subscription: Subscription): void {
  subscription.state.disconnected += 1
  endAtOnce(subscription.connection, 'overflow')
}

/** Moves the cursor, and gives what it passed. */
function takeWindow(subscription: Subscription, to: number): LogEntry[] {
  const { state } = subscription
  const taken: LogEntry[] = []
  for (let position = subscription.cursor; position < to; position += 1) {
    taken.push(itemAt(state.window, position).entry)
  }
  moveCursor(state, subscription, to)
  return taken
}

function lose(subscription: Subscription, entries: readonly LogEntry[]): void {
  const { state, view } = subscription
  const last = entries.at(-1)
  if (last === undefined) return
  let lost = 0
  for (const entry of entries) if (see(view, entry) !== undefined) lost += 1
  state.dropped += lost
  const { gap } = subscription
  if (gap !== undefined) {
    gap.lost = (gap.lost ?? 0) + lost
    gap.after = last.order
  } else if (lost > 0) {
    subscription.gap = { reason: 'dropped', lost, after: last.order }
  } else if (subscription.list.length === 0) {
    subscription.after = last.order
  }
}
