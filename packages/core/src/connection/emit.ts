import type { SharedBytes } from '../sinks/sink.ts'
import { encodeEvent } from '../wire/encode-event.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import type { Connection } from './connection.ts'
import { checkEvent } from './event-schema.ts'
import { fillFeeds } from './feeds.ts'
import { endAtOnce, endGracefully, openStream } from './life.ts'
import { append, appendShared, isEmpty } from './outbox.ts'

/** Whether the stream still takes events. */
export function takesEvents(connection: Connection): boolean {
  return connection.phase === 'setup' || connection.phase === 'open'
}

/**
 * Encodes an event as the options of the stream say.
 *
 * @throws {@link SseError} if it is no event, or does not match its schema.
 */
export function encodeFor(connection: Connection, event: EventInput): string {
  const { schemas, options } = connection
  return encodeEvent(schemas === undefined ? event : checkEvent(event, schemas), options.serialize)
}

/** Puts an encoded event on its way. The first one opens the stream. */
export function emitEvent(connection: Connection, block: string): void {
  // What a channel published before comes first, and may be the last that the stream takes.
  fillFeeds(connection)
  if (!takesEvents(connection)) {
    connection.shared.counters.dropped += 1
    return
  }
  connection.events += 1
  connection.eventsWaiting += 1
  emitBlock(connection, block, 1)
  if (connection.events === connection.options.maxEvents) endGracefully(connection, 'closed', '')
}

/** Puts encoded events on their way, which other streams may share. Only while the outbox is not full. */
export function emitShared(connection: Connection, blocks: SharedBytes, events: number): void {
  connection.events += events
  connection.eventsWaiting += events
  appendShared(connection, blocks)
  if (events > 0 && connection.events === connection.options.maxEvents)
    endGracefully(connection, 'closed', '')
}

/** Puts a block on its way: an event, or something that is none. */
export function emitBlock(connection: Connection, block: string, events = 0): void {
  if (connection.phase === 'setup') openStream(connection)
  if (connection.phase !== 'open') return
  if (append(connection, block)) return connection.turns.schedule(connection)
  // With nothing else that waits, nobody would count what was not taken.
  if (isEmpty(connection)) connection.shared.counters.dropped += events
  endAtOnce(connection, 'overflow')
}
