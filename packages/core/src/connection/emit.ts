import { encodeEvent } from '../wire/encode-event.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import type { Connection } from './connection.ts'
import { checkEvent } from './event-schema.ts'
import { endAtOnce, endGracefully, openStream } from './life.ts'
import { append } from './outbox.ts'

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
  connection.events += 1
  connection.eventsWaiting += 1
  emitBlock(connection, block)
  if (connection.events === connection.options.maxEvents) endGracefully(connection, 'closed', '')
}

/** Puts a block that is no event on its way. */
export function emitBlock(connection: Connection, block: string): void {
  if (connection.phase === 'setup') openStream(connection)
  if (connection.phase !== 'open') return
  if (append(connection.outbox, block)) connection.shared.turns.schedule(connection)
  else endAtOnce(connection, 'overflow')
}
