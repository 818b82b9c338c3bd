import { encodeRetry } from '../wire/encode-event.ts'
import { eventStreamHeaders } from '../wire/response-headers.ts'
import { type Connection, describeConnection, reportError } from './connection.ts'
import { append } from './outbox.ts'
import { startWatch } from './watch.ts'

// The shortest comment: it makes clients fire `open` and proxies let go of the headers.
const FIRST_COMMENT = ':\n'

/**
 * Sends the head and a first comment. From here on the response is an event stream, and errors are
 * events.
 */
export function openStream(connection: Connection): void {
  const { sink, outbox, options, opening, shared } = connection
  connection.phase = 'open'
  sink.open({ status: 200, headers: eventStreamHeaders((name) => sink.header(name)) })
  const retry = options.retryMs === undefined ? '' : encodeRetry(options.retryMs)
  append(outbox, FIRST_COMMENT + retry)
  startWatch(connection)
  opening.resolve()
  try {
    options.onOpen?.(describeConnection(connection))
  } catch (error) {
    reportError(connection, error)
  }
  // A hook may have taken a while; the head leaves in this turn all the same.
  shared.turns.schedule(connection)
}
