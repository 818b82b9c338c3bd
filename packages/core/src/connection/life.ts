import { type EndReason, SseError } from '../errors.ts'
import { isThenable } from '../thenable.ts'
import { encodeRetry } from '../wire/encode-event.ts'
import { eventStreamHeaders } from '../wire/response-headers.ts'
import { type Connection, callHook, describeConnection, reportError } from './connection.ts'
import { endError } from './end-reason.ts'
import { detachFeeds, finishFeeds } from './feeds.ts'
import { append, appendLast, clear, flush, isEmpty } from './outbox.ts'
import { noteActivity, startWatch } from './watch.ts'

// The shortest comment: it makes clients fire `open` and proxies let go of the headers.
const FIRST_COMMENT = ':\n'

/**
 * Sends the head and a first comment. From here on the response is an event stream, and errors are
 * events. If the handler sent a response of its own, the stream ends instead.
 */
export function openStream(connection: Connection): void {
  const { sink, options } = connection
  if (sink.isSent) return endBeforeHead(connection, responseSent())
  try {
    sink.open({ status: 200, headers: eventStreamHeaders((name) => sink.header(name)) })
  } catch (error) {
    return endBeforeHead(connection, error)
  }
  connection.phase = 'open'
  const retry = options.retryMs === undefined ? '' : encodeRetry(options.retryMs)
  append(connection, FIRST_COMMENT + retry)
  startWatch(connection)
  connection.opening?.resolve()
  connection.opening = undefined
  callHook(connection, () => options.onOpen?.(describeConnection(connection)))
}

/** The error of an event stream that comes too late. */
export function responseSent(): SseError {
  return new SseError(
    'ERR_SSE_RESPONSE_SENT',
    'An event stream must be opened before anything else is sent, got a response that was already sent. Answer in an ordinary handler, return right after any other answer, and call `respond()` once.',
  )
}

/**
 * Ends a stream so that the client gets everything that was written, and `farewell` after it. Does
 * nothing if the stream is ending already.
 *
 * @param farewell - Blocks, or `''`.
 */
export function endGracefully(connection: Connection, reason: EndReason, farewell: string): void {
  if (connection.phase === 'setup') {
    // Nothing was sent, nothing is followed, and something that the client came back to is over.
    const { isUpToDate, feed } = connection
    if (reason === 'completed' && isUpToDate && feed === undefined) {
      return endWithoutContent(connection)
    }
    openStream(connection)
  }
  finishFeeds(connection)
  if (connection.phase !== 'open') return
  connection.phase = 'ending'
  connection.reason = reason
  // A stream that completed may still fail to arrive: its reason is only certain in the end.
  if (reason !== 'completed') abortSignal(connection)
  stopSource(connection)
  // What listens to the signal, or the source, may have cut the connection.
  if (isOver(connection)) return
  appendLast(connection, farewell)
  flush(connection)
  noteActivity(connection)
  endWhenFlushed(connection)
}

/** Drops the connection at once, with what it still holds. */
export function endAtOnce(connection: Connection, reason: EndReason): void {
  if (connection.phase === 'ended') return
  const isDecided = connection.phase === 'ending' && connection.reason !== 'completed'
  stop(connection, isDecided ? connection.reason : reason)
  if (reason !== 'client-disconnect') {
    connection.sink.destroy(endError(reason), reason === 'shutdown')
  }
  finish(connection)
}

/** Ends a stream whose head was not sent: the framework answers with the error. */
export function endBeforeHead(connection: Connection, error: unknown): void {
  connection.error = error
  stop(connection, 'source-error')
  // Frameworks take a falsy error for none, and would go on to the next route.
  connection.opening?.reject(error || endError('source-error', error))
  finish(connection)
}

/** Answers with 204 instead of an event stream: an `EventSource` stops. */
function endWithoutContent(connection: Connection): void {
  const { sink } = connection
  if (sink.isSent) return endBeforeHead(connection, responseSent())
  try {
    sink.reply({ status: 204, headers: { 'Cache-Control': 'no-store' } }, '')
  } catch (error) {
    return endBeforeHead(connection, error)
  }
  stop(connection, 'completed')
  finish(connection)
}

/** Whatever the source still does, nothing of it is sent. */
function stop(connection: Connection, reason: EndReason | undefined): void {
  connection.phase = 'ending'
  connection.reason = reason
  abortSignal(connection)
  stopSource(connection)
}

/** Whether `finish` was called, also where the compiler thinks to know the phase. */
export function isOver({ phase }: Connection): boolean {
  return phase === 'ended'
}

/** Tells the sink to end as soon as it has everything. */
export function endWhenFlushed(connection: Connection): void {
  if (connection.phase !== 'ending' || connection.isEndSent || connection.isEndHeld) return
  if (!isEmpty(connection)) return
  connection.isEndSent = true
  connection.sink.end(connection.reason === 'shutdown')
}

/** The response is over, one way or another: everything that the connection held is given back, once. */
export function finish(connection: Connection): void {
  if (connection.phase === 'ended') return
  connection.phase = 'ended'
  const { shared, sink, options } = connection
  const reason = connection.reason ?? 'client-disconnect'
  shared.deadlines.remove(connection)
  shared.connections.delete(connection)
  shared.counters.ended[reason] += 1
  shared.counters.events += connection.events
  shared.counters.bytes += connection.bytes
  if (!isEmpty(connection)) shared.counters.dropped += connection.eventsWaiting
  clear(connection)
  sink.release()
  connection.release?.()
  abortSignal(connection)
  connection.opening?.resolve()
  connection.opening = undefined
  connection.ended?.resolve(reason)
  callHook(connection, () => options.onEnd?.(reason, describeConnection(connection)))
}

/** Counts a promise of the source that nobody waits for; when the last one settles, nothing is orphaned. */
export function trackSettling(connection: Connection, value: unknown): void {
  if (!isThenable(value)) return
  connection.unsettled += 1
  const settled = (): void => settle(connection)
  // What it throws after it was stopped follows from that, and a disconnect is no error.
  value.then(settled, settled)
}

/** One of them settled. */
export function settle(connection: Connection): void {
  connection.unsettled -= 1
  if (connection.unsettled === 0) clearTimeout(connection.orphanTimer)
}

/** Before anything else is told, so that an await of the source is interrupted before its `finally` is asked for. */
function abortSignal(connection: Connection): void {
  const { controller, reason = 'client-disconnect', error } = connection
  if (controller?.signal.aborted === false) controller.abort(endError(reason, error))
}

function stopSource(connection: Connection): void {
  detachFeeds(connection)
  const { source } = connection
  connection.source = undefined
  try {
    trackSettling(connection, source?.stop())
  } catch (error) {
    reportError(connection, error)
  }
  // Most sources clean up within the turn: they need no timer.
  if (connection.unsettled > 0) connection.turns.schedule(connection)
}

/** Reports a source that does not clean up in time. Called at the end of the turn in which it was told to stop. */
export function watchCleanup(connection: Connection): void {
  if (connection.unsettled === 0 || connection.orphanTimer !== undefined) return
  const { options, shared } = connection
  const { cleanupTimeoutMs } = options
  connection.orphanTimer = setTimeout(() => {
    shared.counters.orphaned += 1
    const message = `A source must clean up within \`cleanupTimeoutMs\` (${cleanupTimeoutMs} ms) after its stream ended; this one has not. Pass \`stream.signal\` to whatever it waits for.`
    reportError(connection, new SseError('ERR_SSE_ORPHANED_SOURCE', message))
  }, cleanupTimeoutMs)
}
