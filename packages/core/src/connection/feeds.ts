import type { Connection } from './connection.ts'
import type { Feed } from './feed.ts'
import { isFull } from './outbox.ts'

/** Lets a feed write to the connection. */
export function addFeed(connection: Connection, feed: Feed): void {
  connection.feeds ??= []
  connection.feeds.push(feed)
}

/** Forgets a feed. */
export function removeFeed({ feeds }: Connection, feed: Feed): void {
  const index = feeds?.indexOf(feed) ?? -1
  if (index !== -1) feeds?.splice(index, 1)
}

// A feed may find a lot that its client does not want: then the others get their turn.
const MAX_ROUNDS = 16

/** Lets the feeds write, one portion each, until there is no room or nothing left. */
export function fillFeeds(connection: Connection): void {
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
  for (const feed of [...feeds]) feed.hold()
  // Those that had no turn come first in the next one.
  const [first] = feeds
  if (first !== undefined && feeds.length > 1) feeds.push(...feeds.splice(0, 1))
  // Not the client but the turn is the limit.
  if (connection.phase === 'open' && !outbox.isSinkFull) shared.turns.schedule(connection)
}

/** The stream ends. */
export function detachFeeds(connection: Connection): void {
  const { feeds } = connection
  connection.feeds = undefined
  for (const feed of feeds ?? []) feed.detach()
}
