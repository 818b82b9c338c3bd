import { endAtOnce } from '../connection/life.ts'
import type { OverflowPolicy } from './channel-options.ts'
import type { Subscription } from './channel-state.ts'
import type { LogEntry } from './event-log.ts'
import { itemAt } from './ring.ts'
import { see } from './view.ts'
import { backlogOf, moveCursor } from './window.ts'

/** What each policy does when more waits for a subscriber than may. */
export const POLICIES: Readonly<Record<OverflowPolicy, (subscription: Subscription) => void>> = {
  disconnect,
  'drop-oldest': dropOldest,
  'drop-newest': dropNewest,
  coalesce,
  // Publishers did not.
  wait: disconnect,
}

/** Of what waits with the same key, only the last event is left; nothing else is touched. */
export function coalesceBacklog(subscription: Subscription): void {
  const { state, list, listAt, view } = subscription
  const waiting = [...list.slice(listAt), ...takeWindow(subscription, state.window.end)]
  // The last of the list may not be the last that was passed: what came after it was replaced, or left out.
  const last = Math.max(waiting.at(-1)?.order ?? 0, subscription.afterList ?? 0, subscription.after)
  const keys = new Set<string>()
  const left: LogEntry[] = []
  for (const entry of waiting.reverse()) {
    const { key } = entry
    // What its filter leaves out replaces nothing.
    if (see(view, entry) === undefined) continue
    if (key !== undefined && keys.has(key)) {
      state.coalesced += 1
      continue
    }
    if (key !== undefined) keys.add(key)
    left.push(entry)
  }
  setAside(subscription, left.reverse())
  subscription.afterList = left.length > 0 ? last : undefined
  if (left.length === 0) subscription.after = last
}

function coalesce(subscription: Subscription): void {
  coalesceBacklog(subscription)
  const { list, listBytes, queue } = subscription
  if (list.length > queue.maxEvents || listBytes > queue.maxBytes) disconnect(subscription)
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
  // Once something was lost, all is until what was kept has left: one gap, not many.
  if (gap === undefined) {
    const kept: LogEntry[] = []
    let room = queue.maxBytes
    for (let to = subscription.cursor; to < state.window.end; to += 1) {
      const { entry } = itemAt(state.window, to)
      room -= entry.bytes.length
      if (kept.length === queue.maxEvents || room < 0) break
      kept.push(entry)
    }
    setAside(subscription, kept)
    takeWindow(subscription, subscription.cursor + kept.length)
  }
  lose(subscription, takeWindow(subscription, state.window.end))
}

function disconnect(subscription: Subscription): void {
  subscription.state.disconnected += 1
  endAtOnce(subscription.connection, 'overflow')
}

function setAside(subscription: Subscription, entries: readonly LogEntry[]): void {
  let bytes = 0
  for (const entry of entries) bytes += entry.bytes.length
  subscription.list = entries
  subscription.listAt = 0
  subscription.listBytes = bytes
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
  // Also where all of it was filtered out, which is then not told: the place has to be right.
  subscription.gap ??= { reason: 'dropped', lost: 0, after: undefined }
  subscription.gap.lost = (subscription.gap.lost ?? 0) + lost
  subscription.gap.after = last.order
}
