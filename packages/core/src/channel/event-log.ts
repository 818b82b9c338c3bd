import type { SharedBytes } from '../sinks/sink.ts'
import { encodeEvent } from '../wire/encode-event.ts'
import type { ServerSentEvent } from '../wire/server-sent-event.ts'

/**
 * An event on its way into a log.
 *
 * @public
 */
export interface LogEvent {
  /** The event, without an id: that is the log's to give. */
  readonly event: ServerSentEvent
  /** The event in the event stream format, up to the place of its `id` field. */
  readonly fields: string
  /** Later events with the same key replace it for clients that are behind. */
  readonly key: string | undefined
}

/**
 * An event in a log.
 *
 * @public
 */
export interface LogEntry {
  /** Grows from each entry of the log to the next. */
  readonly order: number
  /** The event, without its id. */
  readonly event: ServerSentEvent
  /** The block as it is sent, with its id if the log keeps events. Shared by all connections, and never changed. */
  readonly bytes: Uint8Array
  /** How many of these bytes come before the `id` field. */
  readonly fieldBytes: number
  /** Later events with the same key replace it for clients that are behind. */
  readonly key: string | undefined
}

/**
 * Some entries of a log, oldest first.
 *
 * @public
 */
export interface LogPage {
  /** The entries; none: there are no more. */
  readonly entries: readonly LogEntry[]
  /** How many entries before them are not kept any more; `undefined`: some, but nobody knows how many. */
  readonly lost: number | undefined
}

/**
 * Where the events of a channel are kept, and what gives them their order: in memory unless a channel is given
 * another. One that many servers share answers with promises where it has to ask.
 *
 * @public
 */
export interface EventLog {
  /** Whether what was appended can be read again. If not, events carry no id. */
  readonly keepsEvents: boolean
  /** The order of the last entry that is known here; before the first one, what comes before it. */
  newest(): number
  /** Appends an event. @returns the order it got, once everyone who follows here was told. */
  append(event: LogEvent): number | Promise<number>
  /** Calls `onEntry` for each entry from now on, whoever appended it, in order. @returns what stops it. */
  follow(onEntry: (entry: LogEntry) => void): () => void
  /**
   * Reads what is kept after `order`: no more entries than `maxEvents`, with no more bytes than `maxBytes`, but at
   * least one if there is any.
   */
  read(order: number, maxEvents: number, maxBytes: number): LogPage | Promise<LogPage>
  /** The id of an entry. Short ASCII without commas; no other log gives the same. */
  idOf(order: number): string
  /** The order that an id stands for, or why it stands for none: another log gave it, or none can have. */
  locate(id: string): number | 'unknown' | 'malformed'
  /** What is kept now. */
  stats(): LogStats
}

/**
 * What a log keeps.
 *
 * @public
 */
export interface LogStats {
  /** How many events. */
  readonly events: number
  /** How many bytes they have on the wire. */
  readonly bytes: number
  /** The id of the oldest. */
  readonly oldestId: string | undefined
}

const encoder: TextEncoder = new TextEncoder()

/**
 * Encodes an event once, for everyone who is going to get it. For implementations of {@link EventLog}.
 *
 * @param logEvent - What was appended.
 * @param order - The order that the log gave it.
 * @param id - The id that goes with it; `undefined` if the log keeps no events.
 *
 * @public
 */
export function createLogEntry(
  { event, fields, key }: LogEvent,
  order: number,
  id: string | undefined,
): LogEntry {
  const end = id === undefined ? '\n' : `id: ${id}\n\n`
  const bytes = encoder.encode(fields + end)
  // Ids are ASCII, so that characters are bytes.
  return { order, event, bytes, fieldBytes: bytes.length - end.length, key }
}

/** An entry's block with another id, as a client needs that follows several logs. */
export function withId({ bytes, fieldBytes }: LogEntry, id: string): Uint8Array {
  return concat([bytes.subarray(0, fieldBytes), encoder.encode(`id: ${id}\n\n`)])
}

/** Encodes an event that belongs to one connection alone. */
export function encodeBlock(event: ServerSentEvent): SharedBytes {
  return { bytes: encoder.encode(encodeEvent(event)) }
}

/** One array with the bytes of all. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
