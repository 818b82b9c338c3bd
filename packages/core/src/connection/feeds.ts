import type { Connection } from './connection.ts'
import type { Feed } from './feed.ts'
import { hasRoom, isFull } from './outbox.ts'

/** Lets a feed write to the connection. */
export function addFeed(connection: Connection, feed: Feed): void {
  // Not pushed to an empty array, which would make room for many: most streams have one.
  if (connection.feeds === undefined) connection.feeds = [feed]
  else connection.feeds.push(feed)
}

/** Forgets a feed. */
export function removeFeed({ feeds }: Connection, feed: Feed): void {
  const index = feeds?.indexOf(feed) ?? -1
  if (index !== -1) feeds?.splice(index, 1)
}

// A feed may find a lot that its client does not want: then the others get their turn.
const MAX_ROUNDS = 16

/**
 * Lets the feeds write, one portion each, until there is no room or nothing left.
 *
 * @param isStuck - Whether there was no room when the turn began, either.
 */
export function fillFeeds(connection: Connection, isStuck = false): void {
  const { feeds, outbox, shared } = connection
  if (feeds === undefined) return
  let hasMore = feeds.length > 0
  for (let round = 0; hasMore && round < MAX_ROUNDS; round += 1) {
    if (connection.phase !== 'open' || isFull(outbox)) break
    hasMore = false
    // A copy where it matters: what they write may end the stream, and with it the feeds.
    for (const feed of feeds.length > 1 ? [...feeds] : feeds) {
      if (connection.phase !== 'open' || isFull(outbox)) break
      if (feed.fill()) hasMore = true
    }
  }
  if (!isFull(outbox)) {
    if (hasMore && connection.phase === 'open') shared.turns.schedule(connection)
    return
  }
  for (const feed of [...feeds]) feed.hold(isStuck)
  // Those that had no turn come first in the next one.
  const [first] = feeds
  if (first !== undefined && feeds.length > 1) feeds.push(...feeds.splice(0, 1))
  // Not the client but the turn is the limit.
  if (connection.phase === 'open' && !outbox.isSinkFull) shared.turns.schedule(connection)
}

/**
 * Lets the feeds write what they have before the stream ends, within the bounds of its outbox. A client that is not
 * reading, or is replayed what is older, comes back for the rest.
 */
export function finishFeeds(connection: Connection): void {
  const { feeds, outbox } = connection
  if (feeds === undefined || outbox.isSinkFull) return
  fillFeeds(connection)
  for (const feed of [...feeds]) {
    let hasMore = feed.isLive
    while (hasMore && connection.phase === 'open' && hasRoom(outbox)) hasMore = feed.fill()
  }
}

/** The stream ends. */
export function detachFeeds(connection: Connection): void {
  const { feeds } = connection
  connection.feeds = undefined
  for (const feed of feeds ?? []) feed.detach()
}
