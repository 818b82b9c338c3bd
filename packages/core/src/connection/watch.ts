import type { SharedBytes } from '../sinks/sink.ts'
import { HEARTBEAT } from '../wire/heartbeat.ts'
import type { Connection } from './connection.ts'
import { isEmpty, isFull, writeAlone } from './outbox.ts'
import { wholeMs } from './turns.ts'

// The same for all streams.
const SHARED_HEARTBEAT: SharedBytes = { bytes: HEARTBEAT, chunk: undefined }

/** What a look at the clock found to be over. */
export type TimedOut = 'send-timeout' | 'idle-timeout' | 'max-duration'

/** Starts all clocks of a connection that was opened. */
export function startWatch(connection: Connection): void {
  const { options, shared } = connection
  const now = wholeMs()
  connection.openedAt = now
  connection.lastEventAt = now
  connection.lastWriteAt = now
  // Streams that were opened together must not all reconnect together.
  if (options.maxDurationMs > 0)
    connection.expiresAt = now + options.maxDurationMs * (0.8 + Math.random() / 5)
  shared.deadlines.set(connection, nextLook(connection, now))
}

/** Notes what happened in this turn. The clock is read once a turn, not once an event or a connection. */
export function noteActivity(connection: Connection, now: number = wholeMs()): void {
  // Nothing is watched any more: a deadline that is set now would outlive the connection.
  if (connection.phase === 'ended') return
  const { sink, options, shared, bytes } = connection
  if (connection.eventsSeen !== connection.events) {
    connection.eventsSeen = connection.events
    connection.lastEventAt = now
  }
  if (connection.bytesSeen !== bytes) {
    connection.bytesSeen = bytes
    connection.lastWriteAt = now
  }
  if (isEmpty(connection)) connection.eventsWaiting = 0
  const held = sink.bufferedBytes
  const taken = bytes - held
  if (held === 0) {
    connection.waitingSince = undefined
  } else if (connection.waitingSince === undefined) {
    connection.waitingSince = now
    connection.bytesTaken = taken
    if (options.sendTimeoutMs > 0) shared.deadlines.set(connection, now + options.sendTimeoutMs)
  } else if (taken > connection.bytesTaken) {
    connection.waitingSince = now
    connection.bytesTaken = taken
  }
}

/** Sends a heartbeat if it is time for one. @returns what timed out, if anything. */
export function look(connection: Connection, now: number): TimedOut | undefined {
  if (hasSendTimedOut(connection, now)) return 'send-timeout'
  if (connection.phase !== 'open') return undefined
  if (now >= expiryOf(connection)) return 'max-duration'
  if (hasIdleTimedOut(connection, now)) return 'idle-timeout'
  sendHeartbeat(connection, now)
  return undefined
}

/** When to look again. */
export function nextLook(connection: Connection, now: number): number {
  const { options } = connection
  let next = Infinity
  if (options.sendTimeoutMs > 0 && connection.waitingSince !== undefined) {
    next = connection.waitingSince + options.sendTimeoutMs
  }
  if (connection.phase !== 'open') return next
  if (options.idleTimeoutMs > 0)
    next = Math.min(next, connection.lastEventAt + options.idleTimeoutMs)
  if (options.heartbeatMs > 0) {
    // Where a heartbeat was due but had to be left out, its turn comes a whole wait later.
    const due = connection.lastWriteAt + options.heartbeatMs
    next = Math.min(next, due > now ? due : now + options.heartbeatMs)
  }
  return Math.min(next, expiryOf(connection))
}

// Most streams have none, and a field that is ever `Infinity` takes a place of its own in memory.
function expiryOf({ expiresAt }: Connection): number {
  return expiresAt ?? Infinity
}

/** A slow client that takes some bytes is fine; one that takes none is not. */
function hasSendTimedOut(connection: Connection, now: number): boolean {
  const { bytes, sink, options } = connection
  const held = sink.bufferedBytes
  if (held === 0) connection.waitingSince = undefined
  if (connection.waitingSince === undefined || options.sendTimeoutMs === 0) return false
  const taken = bytes - held
  if (taken > connection.bytesTaken) {
    connection.bytesTaken = taken
    connection.waitingSince = now
    return false
  }
  return now >= connection.waitingSince + options.sendTimeoutMs
}

function hasIdleTimedOut(connection: Connection, now: number): boolean {
  const { options } = connection
  if (options.idleTimeoutMs === 0) return false
  // A source that nobody asks, because the client is slow, is not idle.
  if (isFull(connection)) connection.lastEventAt = now
  return now >= connection.lastEventAt + options.idleTimeoutMs
}

function sendHeartbeat(connection: Connection, now: number): void {
  const { sink, options } = connection
  if (options.heartbeatMs === 0 || now < connection.lastWriteAt + options.heartbeatMs) return
  // Not silence: something is still on its way, perhaps the last heartbeat.
  if (isFull(connection) || !isEmpty(connection) || sink.bufferedBytes > 0) return
  writeAlone(connection, SHARED_HEARTBEAT)
  noteActivity(connection, now)
}
