import type { Connection } from './connection.ts'
import { fillFeeds } from './feeds.ts'
import { endAtOnce, endGracefully, endWhenFlushed, finish, openStream } from './life.ts'
import { createOutbox, isStuck, sinkDrained, turnEnded } from './outbox.ts'
import { look, nextLook, noteActivity } from './watch.ts'

/** What a connection is made of. */
export type ConnectionInit = Pick<
  Connection,
  'shared' | 'sink' | 'options' | 'schemas' | 'visit' | 'id' | 'lastEventId' | 'opening'
>

/** Makes a connection that holds a slot. Its head is sent at the end of this turn, or with its first event. */
export function createConnection(init: ConnectionInit): Connection {
  const { shared, sink, options } = init
  const connection: Connection = {
    ...init,
    outbox: createOutbox(sink, shared.turns, options.maxBufferedBytes),
    phase: 'setup',
    reason: undefined,
    error: undefined,
    controller: undefined,
    ended: undefined,
    resolveEnded: undefined,
    source: undefined,
    feeds: undefined,
    places: undefined,
    isUpToDate: false,
    unsettled: 0,
    orphanTimer: undefined,
    isEndSent: false,
    isEndHeld: false,
    openedAt: performance.now(),
    expiresAt: Infinity,
    events: 0,
    eventsWaiting: 0,
    eventsSeen: 0,
    bytesSeen: 0,
    lastEventAt: 0,
    lastWriteAt: 0,
    waitingSince: undefined,
    bytesTaken: 0,
    bucket: undefined,
    isScheduled: false,
    onTurnEnd: () => turnOver(connection),
    onDue: (now) => lookAt(connection, now),
  }
  connection.outbox.task = connection
  return connection
}

/** Lets the connection hear from its sink. */
export function listenToSink(connection: Connection): void {
  const { sink, outbox } = connection
  sink.listen({
    drained: () => {
      if (!outbox.isSinkFull) return
      connection.waitingSince = undefined
      // From now on the source is asked again: the wait for its client was not its own.
      connection.lastEventAt = performance.now()
      sinkDrained(outbox)
      fillFeeds(connection)
      noteActivity(connection)
      endWhenFlushed(connection)
    },
    finished: () => {
      if (connection.phase === 'ending') finish(connection)
      // Somebody else ended the response.
      else endAtOnce(connection, 'closed')
    },
    gone: () => endAtOnce(connection, 'client-disconnect'),
  })
}

function turnOver(connection: Connection): void {
  if (connection.phase === 'ended') return
  if (connection.phase === 'setup') openStream(connection)
  const wasStuck = isStuck(connection.outbox)
  turnEnded(connection.outbox)
  fillFeeds(connection, wasStuck)
  noteActivity(connection)
  endWhenFlushed(connection)
}

function lookAt(connection: Connection, now: number): number {
  const timedOut = look(connection, now)
  if (timedOut === 'send-timeout') endAtOnce(connection, timedOut)
  else if (timedOut !== undefined) endGracefully(connection, timedOut, '')
  return connection.phase === 'ended' ? Infinity : nextLook(connection, now)
}
