import type { EndReason } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Connection, Shared } from './connection.ts'
import type { Timed } from './deadlines.ts'
import type { EventSchemas } from './event-schema.ts'
import type { Feed } from './feed.ts'
import { fillFeeds } from './feeds.ts'
import {
  endAtOnce,
  endGracefully,
  endWhenFlushed,
  finish,
  isOver,
  openStream,
  watchCleanup,
} from './life.ts'
import { isStuck, sinkDrained, turnEnded } from './outbox.ts'
import type { Pull } from './source.ts'
import { type Turns, wholeMs } from './turns.ts'
import { look, nextLook, noteActivity } from './watch.ts'

/** What a connection is made of. */
export type ConnectionInit = Pick<
  Connection,
  'shared' | 'sink' | 'options' | 'schemas' | 'context' | 'release' | 'lastEventId' | 'opening'
> & {
  /** Its place among all connections of `shared`. */
  readonly number: number
}

/** Makes a connection that holds a slot. Its head is sent at the end of this turn, or with its first event. */
export function createConnection(init: ConnectionInit): Connection {
  return new StreamConnection(init)
}

/** What the sink, the clock and the turn call, of all connections alike: a class, as there are many. */
class StreamConnection implements Connection {
  // First what every delivery needs, near each other: of thousands of streams, nothing is in the cache of a processor.
  readonly sink: Sink
  phase: Connection['phase'] = 'setup'
  text = ''
  parked: Connection['parked'] = undefined
  isSinkFull = false
  feed: Feed | undefined = undefined
  moreFeeds: Feed[] | undefined = undefined
  readonly turns: Turns
  countedTurn = -1
  turnBytes = 0
  bytes = 0
  ready: Connection['ready'] = undefined
  exempt = 0
  events = 0
  eventsWaiting = 0
  eventsSeen = 0
  bytesSeen = 0
  lastEventAt = 0
  lastWriteAt = 0
  waitingSince: number | undefined = undefined
  isScheduled = false
  readonly options: ResolvedOptions<unknown>
  readonly schemas: EventSchemas | undefined
  readonly shared: Shared
  places: string[] | undefined = undefined
  fullTurn = 0
  bytesTaken = 0
  readonly context: unknown
  readonly release: (() => void) | undefined
  private readonly number: number
  readonly lastEventId: string | undefined
  opening: Connection['opening']
  reason: EndReason | undefined = undefined
  error: unknown = undefined
  controller: AbortController | undefined = undefined
  ended: Connection['ended'] = undefined
  source: Pull | undefined = undefined
  isUpToDate = false
  unsettled = 0
  orphanTimer: ReturnType<typeof setTimeout> | undefined = undefined
  isEndSent = false
  isEndHeld = false
  openedAt: number = wholeMs()
  expiresAt: number | undefined = undefined
  bucket: Timed['bucket'] = undefined

  constructor(init: ConnectionInit) {
    this.sink = init.sink
    this.turns = init.shared.turns
    this.options = init.options
    this.shared = init.shared
    this.schemas = init.schemas
    this.context = init.context
    this.release = init.release
    this.number = init.number
    this.lastEventId = init.lastEventId
    this.opening = init.opening
  }

  get id(): string {
    return this.shared.idOf(this.number)
  }

  drained(): void {
    if (!this.isSinkFull) return
    this.waitingSince = undefined
    // From now on the source is asked again: the wait for its client was not its own.
    this.lastEventAt = wholeMs()
    sinkDrained(this)
    fillFeeds(this)
    noteActivity(this)
    endWhenFlushed(this)
  }

  finished(): void {
    if (this.phase === 'ending') finish(this)
    // Somebody else ended the response.
    else endAtOnce(this, 'closed')
  }

  gone(): void {
    endAtOnce(this, 'client-disconnect')
  }

  onTurnEnd(now: number): void {
    if (this.phase === 'setup') openStream(this)
    else if (this.phase !== 'open') watchCleanup(this)
    if (this.phase === 'ended') return
    const wasStuck = isStuck(this)
    turnEnded(this)
    fillFeeds(this, wasStuck)
    noteActivity(this, now)
    endWhenFlushed(this)
  }

  onDue(now: number): number {
    const timedOut = look(this, now)
    if (timedOut === 'send-timeout') endAtOnce(this, timedOut)
    else if (timedOut !== undefined) endGracefully(this, timedOut, '')
    return isOver(this) ? Infinity : nextLook(this, now)
  }
}
