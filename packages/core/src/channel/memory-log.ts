import { createEpoch, formatId, parseId } from './event-id.ts'
import {
  createLogEntry,
  type EventLog,
  type LogEntry,
  type LogEvent,
  type LogPage,
} from './event-log.ts'
import { createRing, dropBefore, itemAt, push, type Ring } from './ring.ts'

/** How much a log keeps; all three hold. */
export interface Retention {
  /** 0: nothing is kept, and the log only numbers events. */
  readonly maxEvents: number
  readonly maxBytes: number
  /** 0: for ever. */
  readonly maxAgeMs: number
}

interface Memory {
  readonly retention: Retention
  /** What is kept. The order of an entry is its position, so that nothing has to be searched for. */
  readonly kept: Ring<{ readonly entry: LogEntry; readonly at: number }>
  followers: readonly ((entry: LogEntry) => void)[]
  /** Made when it is needed: Workers allow no random values while a module loads, and many channels stay empty. */
  epoch?: string
  newest: number
  bytes: number
  timer?: ReturnType<typeof setTimeout> | undefined
}

const NOBODY: Memory['followers'] = []

/** A log in the memory of this process. */
export function createMemoryLog(retention: Retention): EventLog {
  const memory: Memory = {
    retention,
    // 0 comes before the first.
    kept: createRing(1),
    followers: NOBODY,
    newest: 0,
    bytes: 0,
  }
  return {
    keepsEvents: retention.maxEvents > 0,
    newest: () => memory.newest,
    append: (event) => append(memory, event),
    follow: (onEntry) => follow(memory, onEntry),
    read: (after, maxEvents, maxBytes) => read(memory, after, maxEvents, maxBytes),
    idOf: (order) => formatId(epochOf(memory), order),
    locate: (id) => parseId(id, epochOf(memory)),
    stats() {
      expire(memory)
      const { kept, bytes } = memory
      const events = kept.end - kept.start
      const oldestId = events > 0 ? formatId(epochOf(memory), kept.start) : undefined
      return { events, bytes, oldestId }
    },
  }
}

function append(memory: Memory, event: LogEvent): number {
  const { retention, followers } = memory
  const keepsEvents = retention.maxEvents > 0
  memory.newest += 1
  const order = memory.newest
  if (!keepsEvents && followers.length === 0) return order
  const id = keepsEvents ? formatId(epochOf(memory), order) : undefined
  const entry = createLogEntry(event, order, id)
  if (keepsEvents) keep(memory, entry)
  for (const follower of followers) follower(entry)
  return order
}

function follow(memory: Memory, onEntry: (entry: LogEntry) => void): () => void {
  memory.followers = [...memory.followers, onEntry]
  return () => {
    memory.followers = memory.followers.filter((follower) => follower !== onEntry)
  }
}

function read(memory: Memory, after: number, maxEvents: number, maxBytes: number): LogPage {
  expire(memory)
  const { kept } = memory
  const start = Math.max(kept.start, after + 1)
  const end = Math.min(kept.end, start + maxEvents)
  const entries: LogEntry[] = []
  let bytes = 0
  for (let order = start; order < end; order += 1) {
    const { entry } = itemAt(kept, order)
    bytes += entry.bytes.length
    if (bytes > maxBytes && entries.length > 0) break
    entries.push(entry)
  }
  return { entries, lost: start - after - 1 }
}

function keep(memory: Memory, entry: LogEntry): void {
  const { kept, retention } = memory
  const { maxEvents, maxBytes, maxAgeMs } = retention
  push(kept, { entry, at: maxAgeMs === 0 ? 0 : performance.now() })
  memory.bytes += entry.bytes.length
  while (kept.end - kept.start > maxEvents || memory.bytes > maxBytes) dropOldest(memory)
  expire(memory)
  watchAge(memory)
}

function dropOldest(memory: Memory): void {
  const { kept } = memory
  memory.bytes -= itemAt(kept, kept.start).entry.bytes.length
  dropBefore(kept, kept.start + 1)
}

function expire(memory: Memory): void {
  const { kept, retention } = memory
  if (retention.maxAgeMs === 0) return
  const oldestAt = performance.now() - retention.maxAgeMs
  while (kept.start < kept.end && itemAt(kept, kept.start).at <= oldestAt) dropOldest(memory)
}

/** What is too old leaves memory without anybody asking. */
function watchAge(memory: Memory): void {
  const { kept, retention, timer } = memory
  if (retention.maxAgeMs === 0 || timer !== undefined || kept.start === kept.end) return
  const wait = itemAt(kept, kept.start).at + retention.maxAgeMs - performance.now()
  memory.timer = setTimeout(() => {
    memory.timer = undefined
    expire(memory)
    watchAge(memory)
  }, Math.ceil(wait))
  letProcessEnd(memory.timer)
}

/** A timer that must not keep a process from ending, where a runtime can tell it so. */
export function letProcessEnd(timer: ReturnType<typeof setTimeout>): void {
  ;(timer as { unref?: () => void }).unref?.()
}

function epochOf(memory: Memory): string {
  return (memory.epoch ??= createEpoch())
}
