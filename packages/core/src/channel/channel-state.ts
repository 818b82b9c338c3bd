import type { Connection } from '../connection/connection.ts'
import type { Feed } from '../connection/feed.ts'
import type { Turns, TurnTask } from '../connection/turns.ts'
import type { Deferred } from '../deferred.ts'
import type {
  Gap,
  OverflowPolicy,
  ResolvedChannelOptions,
  ResolvedQueue,
} from './channel-options.ts'
import type { EventLog, LogEntry } from './event-log.ts'
import { createRing, itemAt, type Ring } from './ring.ts'
import { createView, type Entries, type View } from './view.ts'

/** Subscriptions that look at the end of the same turns, as one task. */
export interface Audience extends TurnTask {
  readonly turns: Turns
  readonly state: ChannelState
}

/** An entry that somebody may still need, and how much was published up to its end. */
export interface Waiting {
  readonly entry: LogEntry
  readonly bytesUntil: number
}

/**
 * One channel. Live events are in its window until every subscriber has passed them; each subscriber is a cursor into
 * the window, so that one that is slow holds nothing of its own.
 */
export interface ChannelState {
  readonly options: ResolvedChannelOptions
  readonly log: EventLog
  readonly window: Ring<Waiting>
  /** What is in the window, for those who gather it. */
  readonly windowEntries: Entries
  /** Bytes of everything that was ever in the window. */
  bytesIn: number
  readonly subscriptions: Set<Subscription>
  /** Makes all those look that have the turns of the first. */
  audience: Audience | undefined
  /** Those with other turns. */
  others: Set<Subscription>
  /** Subscriptions with a cursor in the window, and those of them whose cursor is at its end. */
  live: number
  caughtUp: number
  /** Every subscription knows that there is something new, and none has looked since. */
  isAnnounced: boolean
  /** What came since the subscriptions were last made to look, within one turn. */
  unseenEvents: number
  unseenBytes: number
  isClosed: boolean
  /** The order of the last event there will ever be. */
  closesAfter: number
  /** The order of the last event that was published here, where the log answers later. */
  lastOrder: number
  /** How many events the log has not taken yet. */
  appending: number
  /** Stops following the log. */
  unfollow: (() => void) | undefined
  readonly view: View
  /** Views that several subscriptions may share, by their key. */
  keyedViews: Map<string, View> | undefined
  /** The subscribers that publishers wait for. */
  congested: Set<Subscription>
  /** Settles what `ready()` gave. */
  ready: Deferred<void> | undefined
  published: number
  delivered: number
  dropped: number
  coalesced: number
  lapped: number
  disconnected: number
}

const NOBODY: Set<Subscription> = new Set()

export function createChannelState(options: ResolvedChannelOptions, log: EventLog): ChannelState {
  const window: Ring<Waiting> = createRing()
  return {
    options,
    log,
    window,
    windowEntries: {
      at: (position) => (position < window.start ? undefined : itemAt(window, position).entry),
      end: () => window.end,
      isShared: true,
    },
    bytesIn: 0,
    subscriptions: new Set(),
    audience: undefined,
    others: NOBODY,
    live: 0,
    caughtUp: 0,
    isAnnounced: false,
    unseenEvents: 0,
    unseenBytes: 0,
    isClosed: false,
    closesAfter: Infinity,
    lastOrder: 0,
    appending: 0,
    unfollow: undefined,
    view: createView(options.serialize, log, undefined, undefined, undefined),
    keyedViews: undefined,
    congested: NOBODY,
    ready: undefined,
    published: 0,
    delivered: 0,
    dropped: 0,
    coalesced: 0,
    lapped: 0,
    disconnected: 0,
  }
}

/** A gap that a client was not told of yet. */
export interface PendingGap {
  readonly reason: Gap['reason']
  lost: number | null
  /** The order of the last event in it; `undefined`: it is not known before the log is read. */
  after: number | undefined
}

/** One stream that follows a channel: first what it missed, out of the log, then a cursor into the window. */
export interface Subscription extends Feed {
  /** Whether it was not ended yet. */
  isOn: boolean
  readonly state: ChannelState
  readonly connection: Connection
  readonly view: View
  readonly overflow: OverflowPolicy
  readonly queue: ResolvedQueue
  /** The order of the last event that it has passed. */
  after: number
  /** Whether it still reads the log. */
  isReplaying: boolean
  /** Whether the log was asked and has not answered. */
  isLoading: boolean
  /** Whether what came while the log was asked was too much to wait. */
  isStale: boolean
  /** Whether it is at work, so that nothing may be asked of it. */
  isBusy: boolean
  /** Whether it has a cursor in the window. */
  isLive: boolean
  /** The position in the window of the next event. */
  cursor: number
  /** Entries to send before anything else, from `listAt` on: a page of the log, or what was kept of the window. */
  list: readonly LogEntry[]
  listAt: number
  /** How many bytes the list had when it was made. */
  listBytes: number
  /** The order of the last event that it has passed once the list is sent, where that is not one of the list. */
  afterList: number | undefined
  /** The order of the last event whose id its client got. */
  lastIdOrder: number
  /** Whether its client was not reading while events came. */
  isBehind: boolean
  /** A gap that it has to be told of, once `list` is sent. */
  gap: PendingGap | undefined
  /** Ends it, where it was given. */
  readonly signal: AbortSignal | undefined
  onAbort: (() => void) | undefined
  /** Settles what `subscribe` gave. */
  readonly resolve: () => void
}
