import { isThenable, swallow } from '../thenable.ts'
import { encodeEvent } from '../wire/encode-event.ts'
import { MASKED_ERROR } from '../wire/masked-error.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import { type Connection, reportError } from './connection.ts'
import { emitEvent, encodeFor, takesEvents } from './emit.ts'
import { endBeforeHead, endGracefully, settle, trackSettling } from './life.ts'
import { isFull, whenReady } from './outbox.ts'
import { assertNoResponse, startSource } from './source.ts'

/**
 * Runs a handler and sends what it yields. The handler is called, and its source asked for the first event,
 * within this call.
 */
export function runSource(connection: Connection, handler: () => unknown): void {
  connection.unsettled += 1
  try {
    const returned = handler()
    if (isThenable(returned)) waitFor(connection, returned)
    else void pullAll(connection, returned)
  } catch (error) {
    fail(connection, error)
  }
}

// Not an async function, which takes twice the memory while it waits: many streams do nothing else.
function waitFor(connection: Connection, returned: PromiseLike<unknown>): void {
  // As `await` does it, whatever a promise has for a `then` of its own.
  void Promise.prototype.then.call(
    Promise.resolve(returned),
    (value) => void pullAll(connection, value),
    (error) => fail(connection, error),
  )
}

function fail(connection: Connection, error: unknown): void {
  failSource(connection, error)
  settle(connection)
}

async function pullAll(connection: Connection, value: unknown): Promise<void> {
  try {
    // Otherwise it sent its events itself.
    await (value === undefined ? undefined : pullEvents(connection, value))
    complete(connection)
  } catch (error) {
    failSource(connection, error)
  } finally {
    settle(connection)
  }
}

async function pullEvents(connection: Connection, value: unknown): Promise<void> {
  const source = startSource(value)
  // Ended while the handler was busy: the source has to be told, although it was never asked.
  if (!takesEvents(connection)) return trackSettling(connection, source.stop())
  connection.source = source
  while (takesEvents(connection)) {
    const result = await source.next()
    if (!takesEvents(connection)) return
    if (result.done) {
      connection.source = undefined
      return assertNoResponse(result.value)
    }
    const event = isThenable(result.value) ? await result.value : result.value
    if (!takesEvents(connection)) return
    emitEvent(connection, encodeFor(connection, event as EventInput))
    if (isFull(connection)) await whenReady(connection)
  }
}

/** The source ended by itself. */
function complete(connection: Connection): void {
  if (!takesEvents(connection)) return
  const { completion } = connection.options
  let farewell = ''
  try {
    if (completion !== undefined) farewell = encodeEvent(completion, connection.options.serialize)
  } catch (error) {
    reportError(connection, error)
  }
  endGracefully(connection, 'completed', farewell)
}

/** The handler or its source threw, or gave what cannot be sent. */
export function failSource(connection: Connection, error: unknown): void {
  // After the end it was told to stop, and most sources do so by throwing: no error.
  if (!takesEvents(connection)) return
  if (connection.phase === 'setup') return endBeforeHead(connection, error)
  connection.error = error
  reportError(connection, error)
  endGracefully(connection, 'source-error', errorBlock(connection, error))
}

function errorBlock(connection: Connection, error: unknown): string {
  const { formatError, serialize } = connection.options
  try {
    const event = formatError(error)
    swallow(event)
    return event === undefined ? '' : encodeEvent(event, serialize)
  } catch (formatFault) {
    reportError(connection, formatFault)
    // Without an error event, clients would take the end for a proper one.
    return encodeEvent(MASKED_ERROR)
  }
}
