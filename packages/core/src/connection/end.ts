import { leave } from '../admission/gate.ts'
import { type EndReason, SseError } from '../errors.ts'
import { type Connection, describeConnection, reportError } from './connection.ts'
import { endError } from './end-reason.ts'
import { openStream } from './open-stream.ts'
import { appendLast, clear, flush, isEmpty } from './outbox.ts'
import { isThenable } from './source.ts'
import { noteActivity } from './watch.ts'

/**
 * Ends a stream so that the client gets everything that was written, and `farewell` after it. Does
 * nothing if the stream is ending already.
 *
 * @param farewell - Blocks, or `''`.
 */
export function endGracefully(connection: Connection, reason: EndReason, farewell: string): void {
  if (connection.phase === 'setup') openStream(connection)
  if (connection.phase !== 'open') return
  connection.phase = 'ending'
  connection.reason = reason
  // A stream that completed may still fail to arrive: its reason is only certain in the end.
  if (reason !== 'completed') abortSignal(connection)
  stopSource(connection)
  appendLast(connection.outbox, farewell)
  flush(connection.outbox)
  noteActivity(connection)
  endWhenFlushed(connection)
}

/** Drops the connection at once, with what it still holds. */
export function endAtOnce(connection: Connection, reason: EndReason): void {
  if (connection.phase === 'ended') return
  if (connection.phase !== 'ending' || connection.reason === 'completed') connection.reason = reason
  connection.phase = 'ending'
  abortSignal(connection)
  stopSource(connection)
  if (reason !== 'client-disconnect') connection.sink.destroy()
  finish(connection)
}

/** Ends a stream whose head was not sent: the framework answers with the error. */
export function endBeforeHead(connection: Connection, error: unknown): void {
  connection.phase = 'ending'
  connection.reason = 'source-error'
  connection.error = error
  abortSignal(connection)
  stopSource(connection)
  connection.opening.reject(error)
  finish(connection)
}

/** Tells the sink to end as soon as it has everything. */
export function endWhenFlushed(connection: Connection): void {
  if (connection.phase !== 'ending' || connection.isEndSent || connection.isEndHeld) return
  if (!isEmpty(connection.outbox)) return
  connection.isEndSent = true
  connection.sink.end(connection.reason === 'shutdown')
}

/** The response is over, one way or another: everything that the connection held is given back, once. */
export function finish(connection: Connection): void {
  if (connection.phase === 'ended') return
  connection.phase = 'ended'
  const { shared, sink, outbox, visit, options } = connection
  const reason = connection.reason ?? 'client-disconnect'
  shared.deadlines.remove(connection)
  shared.connections.delete(connection)
  shared.counters.ended[reason] += 1
  shared.counters.events += connection.events
  shared.counters.bytes += outbox.bytes
  if (!isEmpty(outbox)) shared.counters.dropped += connection.eventsWaiting
  clear(outbox)
  sink.release()
  leave(visit)
  abortSignal(connection)
  connection.opening.resolve()
  connection.resolveEnded?.(reason)
  try {
    options.onEnd?.(reason, describeConnection(connection))
  } catch (error) {
    reportError(connection, error)
  }
}

/** Counts a promise of the source that nobody waits for; when the last one settles, nothing is orphaned. */
export function trackSettling(connection: Connection, value: unknown): void {
  if (!isThenable(value)) return
  connection.unsettled += 1
  const settled = (): void => {
    connection.unsettled -= 1
    if (connection.unsettled === 0) clearTimeout(connection.orphanTimer)
  }
  // What it throws after it was stopped follows from that, and a disconnect is no error.
  value.then(settled, settled)
}

/** Before anything else is told, so that an await of the source is interrupted before its `finally` is asked for. */
function abortSignal(connection: Connection): void {
  const { controller, reason = 'client-disconnect', error } = connection
  if (controller?.signal.aborted === false) controller.abort(endError(reason, error))
}

function stopSource(connection: Connection): void {
  const { source, options, shared } = connection
  connection.source = undefined
  try {
    trackSettling(connection, source?.stop())
  } catch (error) {
    reportError(connection, error)
  }
  if (connection.unsettled === 0 || connection.orphanTimer !== undefined) return
  const { cleanupTimeoutMs } = options
  connection.orphanTimer = setTimeout(() => {
    shared.counters.orphaned += 1
    const message = `A source must clean up within \`cleanupTimeoutMs\` (${cleanupTimeoutMs} ms) after its stream ended; this one has not. Pass \`stream.signal\` to whatever it waits for.`
    reportError(connection, new SseError('ERR_SSE_ORPHANED_SOURCE', message))
  }, cleanupTimeoutMs)
}
