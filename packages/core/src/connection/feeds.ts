import type { Connection } from './connection.ts'
import type { Feed } from './feed.ts'
import { hasRoom, isFull } from './outbox.ts'

/** Lets a feed write to the connection. */
export function addFeed(connection: Connection, feed: Feed): void {
  if (connection.feed === undefined) connection.feed = feed
  else connection.moreFeeds = [...(connection.moreFeeds ?? []), feed]
}

/** Forgets a feed. */
export function removeFeed(connection: Connection, feed: Feed): void {
  setFeeds(
    connection,
    feedsOf(connection).filter((other) => other !== feed),
  )
}

/** All feeds of a connection, in the order in which they get their turns. */
export function feedsOf({ feed, moreFeeds = [] }: Connection): Feed[] {
  return feed === undefined ? [] : [feed, ...moreFeeds]
}

// Most streams have one feed: an array for it would be one more place in memory to look at for each delivery.
function setFeeds(connection: Connection, [first, ...more]: readonly Feed[]): void {
  connection.feed = first
  connection.moreFeeds = more.length === 0 ? undefined : more
}

// A feed may find a lot that its client does not want: then the others get their turn.
const MAX_ROUNDS = 16

/**
 * Lets the feeds write, one portion each, until there is no room or nothing left.
 *
 * @param isStuck - Whether there was no room when the turn began, either.
 */
export function fillFeeds(connection: Connection, isStuck = false): void {
  const { turns } = connection
  let hasMore = connection.feed !== undefined
  if (!hasMore) return
  for (let round = 0; hasMore && canFill(connection) && round < MAX_ROUNDS; round += 1) {
    hasMore = fillEach(connection)
  }
  if (!isFull(connection)) {
    if (hasMore && connection.phase === 'open') turns.schedule(connection)
    return
  }
  const feeds = feedsOf(connection)
  for (const feed of feeds) feed.hold(isStuck)
  // Those that had no turn come first in the next one.
  const [first, ...others] = feedsOf(connection)
  if (first !== undefined && others.length > 0) setFeeds(connection, [...others, first])
  // Not the client but the turn is the limit.
  if (connection.phase === 'open' && !connection.isSinkFull) turns.schedule(connection)
}

/** @returns whether there is more. */
function fillEach(connection: Connection): boolean {
  const { feed, moreFeeds } = connection
  if (moreFeeds === undefined) return feed?.fill() ?? false
  let hasMore = false
  // A copy: what they write may end the stream, and with it the feeds.
  for (const each of feedsOf(connection)) {
    if (!canFill(connection)) break
    if (each.fill()) hasMore = true
  }
  return hasMore
}

function canFill(connection: Connection): boolean {
  return connection.phase === 'open' && !isFull(connection)
}

/**
 * Lets the feeds write what they have before the stream ends, within the bounds of its outbox. A client that is not
 * reading, or is replayed what is older, comes back for the rest.
 */
export function finishFeeds(connection: Connection): void {
  if (connection.feed === undefined || connection.isSinkFull) return
  fillFeeds(connection)
  for (const feed of feedsOf(connection)) {
    let hasMore = feed.isLive
    while (hasMore && connection.phase === 'open' && hasRoom(connection)) hasMore = feed.fill()
  }
}

/** The stream ends. */
export function detachFeeds(connection: Connection): void {
  const feeds = feedsOf(connection)
  setFeeds(connection, [])
  for (const feed of feeds) feed.detach()
}
