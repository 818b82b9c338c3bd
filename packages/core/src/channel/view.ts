import { SseError } from '../errors.ts'
import type { Sequence, SharedBytes } from '../sinks/sink.ts'
import { isThenable, swallow } from '../thenable.ts'
import type { EventInput, Serialize, ServerSentEvent } from '../wire/server-sent-event.ts'
import { concat, createLogEntry, type EventLog, type LogEntry, withId } from './event-log.ts'
import { fieldsOf } from './fields.ts'

/** What a portion may hold. */
export interface Bounds {
  readonly maxEvents: number
  /** A single larger event passes. */
  readonly maxBytes: number
  /** The ids that its events get, if not their own. */
  readonly idOf: ((order: number) => string) | undefined
}

/** One write at most, as elsewhere. */
export const MAX_BOUNDS: Bounds = { maxEvents: Infinity, maxBytes: 65_536, idOf: undefined }

// What a filter may look at before the others get their turn.
const PORTION_ENTRIES = 1_024

// A turn that brings more than one write holds takes several turns to leave, and not all are equally far. More than one.
const MAX_PORTIONS = 4

export const NO_PORTIONS: readonly Portion[] = []

const NO_BYTES: Uint8Array = new Uint8Array(0)

/** The channel as some of its subscribers see it: all of it, or what a filter and a transform make of it. */
export interface View extends Sequence {
  /** Whether several subscribers may have it. */
  readonly isShared: boolean
  readonly log: EventLog
  readonly serialize: Serialize | undefined
  readonly filter: ((event: ServerSentEvent) => unknown) | undefined
  readonly transform: ((event: ServerSentEvent) => EventInput | undefined) | undefined
  /** By which subscribers share it. */
  readonly key: string | undefined
  /** How many subscribers have it. */
  users: number
  /** What was made of each entry, where several subscribers want the same. */
  readonly made: WeakMap<LogEntry, { readonly entry: LogEntry | undefined }> | undefined
  /** What was gathered last, a few writes' worth. Subscribers that keep up all want the same. */
  portions: readonly Portion[]
}

/** What leaves in one write. */
export interface Portion extends SharedBytes {
  /** The position of the first entry. */
  readonly from: number
  /** The position after the last one that is in it. */
  readonly to: number
  readonly events: number
  /** The order of the last event in it. */
  readonly lastOrder: number
}

/** Entries with positions: a window, or a list. */
export interface Entries {
  /** `undefined`: a filter has ended the subscription, which was the last that needed it. */
  readonly at: (position: number) => LogEntry | undefined
  readonly end: () => number
  /** Whether others have the same entries at the same positions. */
  readonly isShared: boolean
}

export function createView(
  serialize: Serialize | undefined,
  log: EventLog,
  filter: View['filter'],
  transform: View['transform'],
  key: string | undefined,
): View {
  const isShared = key !== undefined || (filter === undefined && transform === undefined)
  const made: View['made'] = isShared ? new WeakMap() : undefined
  return { isShared, log, serialize, filter, transform, key, users: 0, made, portions: NO_PORTIONS }
}

/**
 * What the view shows of an entry: the entry itself, one with another event, or nothing.
 *
 * @throws what the filter or the transform throws.
 */
export function see(view: View, entry: LogEntry): LogEntry | undefined {
  if (view.filter === undefined && view.transform === undefined) return entry
  const known = view.made?.get(entry)
  if (known !== undefined) return known.entry
  const seen = make(view, entry)
  view.made?.set(entry, { entry: seen })
  return seen
}

function make(view: View, entry: LogEntry): LogEntry | undefined {
  const { filter, transform, log, serialize } = view
  if (filter !== undefined && !assertSync('filter', filter(entry.event))) return undefined
  if (transform === undefined) return entry
  const result = assertSync('transform', transform(entry.event)) as EventInput | undefined
  if (result === undefined) return undefined
  const event: ServerSentEvent = typeof result === 'string' ? { data: result } : result
  const id = log.keepsEvents ? log.idOf(entry.order) : undefined
  const fields = fieldsOf(log.keepsEvents ? { ...event, id: undefined } : event, serialize)
  return createLogEntry({ event, fields, key: entry.key }, entry.order, id)
}

/**
 * Gathers what the view shows of some entries into one write. Those who want the same of the window get the same
 * bytes.
 */
export function gather(view: View, entries: Entries, from: number, bounds: Bounds): Portion {
  if (bounds !== MAX_BOUNDS || !entries.isShared || !view.isShared)
    return gatherOwn(view, entries, from, bounds)
  // Not `find`, whose callback would be made anew for each delivery.
  for (const known of view.portions) if (known.from === from) return known
  const portion = gatherOwn(view, entries, from, bounds)
  portion.sequence = view
  view.portions = [...view.portions.slice(1 - MAX_PORTIONS), portion]
  return portion
}

function gatherOwn(view: View, entries: Entries, from: number, bounds: Bounds): Portion {
  const { maxEvents, maxBytes, idOf } = bounds
  const parts: Uint8Array[] = []
  const last = Math.min(entries.end(), from + PORTION_ENTRIES)
  let bytes = 0
  let lastOrder = 0
  let to = from
  for (; to < last && parts.length < maxEvents; to += 1) {
    const entry = entries.at(to)
    if (entry === undefined) break
    const seen = see(view, entry)
    if (seen === undefined) continue
    const block = idOf === undefined ? seen.bytes : withId(seen, idOf(seen.order))
    if (bytes > 0 && bytes + block.length > maxBytes) break
    bytes += block.length
    lastOrder = seen.order
    parts.push(block)
  }
  const all = parts.length === 0 ? NO_BYTES : concat(parts)
  return {
    from,
    to,
    bytes: all,
    chunk: undefined,
    sequence: undefined,
    compressed: undefined,
    events: parts.length,
    lastOrder,
  }
}

function assertSync(name: string, result: unknown): unknown {
  if (!isThenable(result)) return result
  swallow(result)
  throw new SseError(
    'ERR_SSE_INVALID_OPTION',
    `\`${name}\` must answer at once, or events would overtake each other, got a promise`,
  )
}
