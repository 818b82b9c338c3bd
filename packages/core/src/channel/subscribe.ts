import type { Connection } from '../connection/connection.ts'
import { takesEvents } from '../connection/emit.ts'
import { addFeed, feedsOf } from '../connection/feeds.ts'
import { SseError } from '../errors.ts'
import { addToAudience, notify } from './audience.ts'
import type { OverflowPolicy, ResolvedQueue, SubscribeOptions } from './channel-options.ts'
import type { ChannelState, PendingGap, Subscription } from './channel-state.ts'
import { MAX_IDS, splitIds } from './event-id.ts'
import type { LogEntry } from './event-log.ts'
import { forgetPlace, keepPlace, placeIn } from './places.ts'
import { receive } from './publish.ts'
import { fillGuarded, holdGuarded, leave, NO_ENTRIES, over, placeOf } from './subscription.ts'
import { takeView } from './take-view.ts'
import type { View } from './view.ts'
import { joinWindow } from './window.ts'

// What comes before every order: its client has no id yet.
const NO_ID = -1

/** Lets a connection follow a channel. @returns Resolves when that is over. */
export function subscribe<Events>(
  state: ChannelState,
  connection: Connection,
  options: SubscribeOptions<Events>,
): Promise<void> {
  const { log } = state
  const isAborted = options.signal?.aborted === true
  if (isAborted || !takesEvents(connection)) return Promise.resolve()
  const start = startOf(
    state,
    options.lastEventId ?? placeIn(connection, log) ?? connection.lastEventId,
    options.from,
  )
  // `newest` and not before, so that a client which is told so may rely on it.
  const hasAll = state.isClosed && start.gap === undefined && start.after === log.newest()
  if (hasAll && start.isResuming && connection.phase === 'setup') {
    connection.isUpToDate = true
    keepPlace(connection, log.idOf(start.after))
    return Promise.resolve()
  }
  assertRoom(state, connection)
  const view = takeView(state, options)
  return new Promise((resolve) => {
    const subscription = createSubscription({
      state,
      connection,
      view,
      overflow: options.overflow ?? state.options.overflow,
      queue: queueOf(state, options.queue),
      ...start,
      lastIdOrder: start.isResuming ? start.after : NO_ID,
      signal: options.signal,
      resolve,
    })
    begin(subscription)
  })
}

// The same for most: there are many subscriptions.
function queueOf({ options }: ChannelState, queue: SubscribeOptions['queue']): ResolvedQueue {
  return queue === undefined ? options.queue : ({ ...options.queue, ...queue } as ResolvedQueue)
}

/** What a subscription is made of. */
type SubscriptionInit = Pick<
  Subscription,
  | 'state'
  | 'connection'
  | 'view'
  | 'overflow'
  | 'queue'
  | 'after'
  | 'isReplaying'
  | 'lastIdOrder'
  | 'gap'
  | 'signal'
  | 'resolve'
>

/** Makes a subscription for one connection. It does not begin before it is filled. */
function createSubscription(init: SubscriptionInit): Subscription {
  const subscription = new ChannelSubscription(init)
  if (!init.isReplaying) joinWindow(init.state, subscription)
  return subscription
}

/** A class, as there is one for each of many streams. */
class ChannelSubscription implements Subscription {
  // First what every delivery needs.
  readonly connection: Connection
  readonly state: ChannelState
  readonly view: View
  cursor = 0
  after: number
  lastIdOrder: number
  isOn = false
  isBusy = false
  isLoading = false
  isReplaying: boolean
  isBehind = false
  isLive = false
  gap: PendingGap | undefined
  list: readonly LogEntry[] = NO_ENTRIES
  listAt = 0
  listBytes = 0
  afterList: number | undefined = undefined
  isStale = false
  position: (() => string | undefined) | undefined
  readonly overflow: OverflowPolicy
  readonly queue: ResolvedQueue
  readonly signal: AbortSignal | undefined
  onAbort: (() => void) | undefined = undefined
  readonly resolve: () => void

  constructor(init: SubscriptionInit) {
    this.connection = init.connection
    this.state = init.state
    this.view = init.view
    this.after = init.after
    this.lastIdOrder = init.lastIdOrder
    this.isReplaying = init.isReplaying
    this.gap = init.gap
    this.position = init.state.log.keepsEvents ? placeOf : undefined
    this.overflow = init.overflow
    this.queue = init.queue
    this.signal = init.signal
    this.resolve = init.resolve
  }

  get origin(): ChannelState {
    return this.state
  }

  fill(): boolean {
    return fillGuarded(this)
  }

  hold(isStuck: boolean): void {
    holdGuarded(this, isStuck)
  }

  detach(): void {
    over(this)
  }
}

function begin(subscription: Subscription): void {
  const { state, connection, signal } = subscription
  if (signal !== undefined) {
    subscription.onAbort = () => leave(subscription)
    signal.addEventListener('abort', subscription.onAbort)
  }
  forgetPlace(connection, state.log)
  state.unfollow ??= state.log.follow((entry) => receive(state, entry))
  subscription.isOn = true
  addToAudience(state, subscription)
  addFeed(connection, subscription)
  notify(subscription)
}

type Start = Pick<Subscription, 'after' | 'isReplaying' | 'gap'> & {
  /** Whether the client has a place in this log. */
  readonly isResuming: boolean
}

/** Where a client goes on. Its last event ID is untrusted. */
function startOf(
  { log }: ChannelState,
  lastEventId: string | undefined,
  from: SubscribeOptions['from'],
): Start {
  const now: Start = {
    after: log.newest(),
    isReplaying: false,
    gap: undefined,
    isResuming: false,
  }
  if (!log.keepsEvents) return now
  const start = { ...now, after: 0, isReplaying: true }
  if (lastEventId === undefined || lastEventId === '') return from === 'start' ? start : now
  const places = splitIds(lastEventId).map((id) => log.locate(id))
  const after = places.filter((place) => typeof place === 'number').at(-1)
  // An id of this log that it has not given yet was made up.
  if (after !== undefined && after <= log.newest()) {
    return { ...now, after, isReplaying: true, isResuming: true }
  }
  const isMalformed = places.every((place) => place === 'malformed')
  const reason = isMalformed ? 'malformed' : 'unknown'
  return { ...start, gap: { reason, lost: null, after: undefined } }
}

function assertRoom(state: ChannelState, connection: Connection): void {
  const { options, subscriptions, log } = state
  const { maxSubscribers } = options
  if (subscriptions.size >= maxSubscribers) {
    throw limitReached(`A channel must have at most \`maxSubscribers\` (${maxSubscribers})`)
  }
  if (log.keepsEvents && feedsOf(connection).some(({ origin }) => origin === state)) {
    throw new SseError(
      'ERR_SSE_INVALID_STREAM',
      '`stream` must follow a channel with history only once, because its id names one place in it, got a second subscription. Filter for both in one.',
    )
  }
  const others = feedsOf(connection).filter(({ position }) => position !== undefined).length
  if (log.keepsEvents && others >= MAX_IDS) {
    throw limitReached(
      `A stream must follow at most ${MAX_IDS} channels with history, because its id names a place in each of them`,
    )
  }
}

function limitReached(rule: string): SseError {
  return new SseError('ERR_SSE_LIMIT_REACHED', `${rule}, got one more.`)
}
