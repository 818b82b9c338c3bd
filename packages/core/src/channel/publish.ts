import { SseError } from '../errors.ts'
import { isThenable } from '../thenable.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import { notifyAll } from './audience.ts'
import type { PublishOptions } from './channel-options.ts'
import type { ChannelState } from './channel-state.ts'
import type { LogEntry, LogEvent } from './event-log.ts'
import { fieldsOf, toEvent } from './fields.ts'
import { checkPublishOptions } from './resolve-channel-options.ts'
import { fillAll } from './subscription.ts'
import { addToWindow, dropPassed } from './window.ts'

// A turn that publishes more than this is not waited for.
const MAX_UNSEEN_EVENTS = 256
const MAX_UNSEEN_BYTES = 65_536

/**
 * Gives an event to the log.
 *
 * @returns its order.
 * @throws {@link SseError} if it cannot be published.
 */
export function append(
  state: ChannelState,
  input: EventInput,
  publishOptions: PublishOptions | undefined,
): number | Promise<number> {
  if (state.isClosed) throw channelClosed()
  const { key } = checkPublishOptions(publishOptions)
  const { log, options } = state
  const event = toEvent(input, log.keepsEvents)
  const logEvent: LogEvent = { event, fields: fieldsOf(event, options.serialize), key }
  const order = log.append(logEvent)
  if (isThenable(order)) return appendLater(state, order)
  state.published += 1
  return order
}

async function appendLater(state: ChannelState, appending: Promise<number>): Promise<number> {
  state.appending += 1
  try {
    const order = await appending
    state.published += 1
    state.lastOrder = Math.max(state.lastOrder, order)
    return order
  } finally {
    state.appending -= 1
    if (state.isClosed) closeChannel(state)
  }
}

/** An event came, from here or from another process. */
export function receive(state: ChannelState, entry: LogEntry): void {
  const isFirst = !state.isAnnounced
  if (isFirst) {
    state.isAnnounced = true
    dropPassed(state)
    state.unseenEvents = 0
    state.unseenBytes = 0
  }
  if (state.live > 0) addToWindow(state, entry)
  state.unseenEvents += 1
  state.unseenBytes += entry.bytes.length
  if (isFirst) notifyAll(state)
  if (state.unseenEvents < MAX_UNSEEN_EVENTS && state.unseenBytes < MAX_UNSEEN_BYTES) return
  // The next event is the first again.
  state.isAnnounced = false
  fillAll(state)
}

/** No more events come after what was published so far. */
export function closeChannel(state: ChannelState): void {
  state.isClosed = true
  if (state.closesAfter !== Infinity || state.appending > 0) return
  // A log that is not here may still have to send what it has.
  state.closesAfter = Math.max(state.log.newest(), state.lastOrder)
  notifyAll(state)
}

function channelClosed(): SseError {
  return new SseError(
    'ERR_SSE_CHANNEL_CLOSED',
    'Events must be published before the channel is closed, got one after `close()`.',
  )
}
