import type { Connection } from './connection.ts'
import { fillFeeds } from './feeds.ts'
import { endAtOnce, endGracefully, endWhenFlushed, finish, openStream } from './life.ts'
import { createOutbox, isStuck, sinkDrained, turnEnded } from './outbox.ts'
import { wholeMs } from './turns.ts'
import { look, nextLook, noteActivity } from './watch.ts'

/** What a connection is made of. */
export type ConnectionInit = Pick<
  Connection,
  'shared' | 'sink' | 'options' | 'schemas' | 'visit' | 'id' | 'lastEventId' | 'opening'
>

/** Makes a connection that holds a slot. Its head is sent at the end of this turn, or with its first event. */
export function createConnection(init: ConnectionInit): Connection {
  const { shared, sink, options, schemas, visit, id, lastEventId, opening } = init
  // Not spread: V8 would make a hash table of it, of twice the size. First what every delivery needs, so that it is
  // near each other in memory; and the same functions for all connections, as these are many.
  const connection: Connection = {
    shared,
    sink,
    outbox: createOutbox(sink, shared.turns, options.maxBufferedBytes),
    options,
    phase: 'setup',
    feeds: undefined,
    events: 0,
    eventsWaiting: 0,
    eventsSeen: 0,
    bytesSeen: 0,
    lastEventAt: 0,
    lastWriteAt: 0,
    waitingSince: undefined,
    bytesTaken: 0,
    isScheduled: false,
    onTurnEnd: turnOver,
    schemas,
    visit,
    id,
    lastEventId,
    opening,
    reason: undefined,
    error: undefined,
    controller: undefined,
    ended: undefined,
    resolveEnded: undefined,
    source: undefined,
    places: undefined,
    isUpToDate: false,
    unsettled: 0,
    orphanTimer: undefined,
    isEndSent: false,
    isEndHeld: false,
    openedAt: performance.now(),
    expiresAt: Infinity,
    bucket: undefined,
    onDue: lookAt,
    drained,
    finished,
    gone,
  }
  connection.outbox.task = connection
  return connection
}

function drained(this: Connection): void {
  const { outbox } = this
  if (!outbox.isSinkFull) return
  this.waitingSince = undefined
  // From now on the source is asked again: the wait for its client was not its own.
  this.lastEventAt = wholeMs()
  sinkDrained(outbox)
  fillFeeds(this)
  noteActivity(this)
  endWhenFlushed(this)
}

function finished(this: Connection): void {
  if (this.phase === 'ending') finish(this)
  // Somebody else ended the response.
  else endAtOnce(this, 'closed')
}

function gone(this: Connection): void {
  endAtOnce(this, 'client-disconnect')
}

function turnOver(this: Connection, now: number): void {
  if (this.phase === 'ended') return
  if (this.phase === 'setup') openStream(this)
  const wasStuck = isStuck(this.outbox)
  turnEnded(this.outbox)
  fillFeeds(this, wasStuck)
  noteActivity(this, now)
  endWhenFlushed(this)
}

function lookAt(this: Connection, now: number): number {
  const timedOut = look(this, now)
  if (timedOut === 'send-timeout') endAtOnce(this, timedOut)
  else if (timedOut !== undefined) endGracefully(this, timedOut, '')
  return this.phase === 'ended' ? Infinity : nextLook(this, now)
}
