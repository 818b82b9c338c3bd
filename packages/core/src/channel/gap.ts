import { callHook, describeConnection } from '../connection/connection.ts'
import { emitShared } from '../connection/emit.ts'
import type { Gap } from './channel-options.ts'
import type { Subscription } from './channel-state.ts'
import { joinIds } from './event-id.ts'
import { encodeBlock } from './event-log.ts'
import { otherPlaces } from './places.ts'

/** Tells a client which events it misses, and from where its stream goes on. */
export function tellGap(subscription: Subscription): void {
  const { gap: pending, state, connection } = subscription
  if (pending === undefined) return
  const { log, options } = state
  const { reason, lost, after = subscription.after } = pending
  subscription.gap = undefined
  subscription.after = after
  // All that it was too slow for was filtered out.
  if (reason === 'dropped' && lost === 0) return
  subscription.lastIdOrder = after
  state.lapped += 1
  const id = log.keepsEvents ? idOfPlace(subscription) : undefined
  const gap: Gap = { reason, lost, continuesAfter: log.keepsEvents ? log.idOf(after) : null }
  // With an id, so that a client that is cut again at once is not told of the same gap.
  emitShared(connection, encodeBlock({ event: options.gapEvent, data: gap, id }), 1)
  callHook(connection, () => options.onGap?.(gap, describeConnection(connection)))
}

/**
 * Sends an id that no event had, so that a client which comes back is known to have everything. By the specification it
 * takes effect without dispatching anything.
 */
export function tellPlace(subscription: Subscription): void {
  emitShared(subscription.connection, encodeBlock({ id: idOfPlace(subscription) }), 0)
}

/** The id of a stream whose subscription has come so far. */
function idOfPlace(subscription: Subscription): string {
  const { state, after } = subscription
  return (idWithOthers(subscription) ?? state.log.idOf)(after)
}

/**
 * Makes ids that say how far a client has come in each log that its stream follows; `undefined` where this is
 * the only one, so that the ids of its entries will do.
 */
export function idWithOthers(subscription: Subscription): ((order: number) => string) | undefined {
  const { connection, state } = subscription
  if (!state.log.keepsEvents) return undefined
  const { moreFeeds, places } = connection
  if (moreFeeds === undefined && places === undefined) return undefined
  const others = otherPlaces(connection, subscription)
  if (others.length === 0) return undefined
  return (order) => joinIds([state.log.idOf(order), ...others])
}
