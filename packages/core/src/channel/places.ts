import type { Connection } from '../connection/connection.ts'
import { feedsOf } from '../connection/feeds.ts'
import { MAX_IDS } from './event-id.ts'
import type { EventLog } from './event-log.ts'

/** A stream follows a log no longer: from now on all its ids say how far its client has come in it. */
export function keepPlace(connection: Connection, id: string): void {
  connection.places ??= []
  connection.places.push(id)
}

/**
 * The places of a stream in all logs but one. Of many that are over the first are left out, so that the id stays
 * short.
 */
export function otherPlaces(connection: Connection, feed: unknown): string[] {
  const { places = [] } = connection
  const others = feedsOf(connection).flatMap((other) =>
    other === feed ? [] : (other.position?.() ?? []),
  )
  const room = MAX_IDS - 1 - others.length
  if (places.length > room) places.splice(0, places.length - room)
  return [...places, ...others]
}

/** How far the client of a stream had come in a log that it follows no longer. */
export function placeIn({ places }: Connection, log: EventLog): string | undefined {
  return places?.find((id) => typeof log.locate(id) === 'number')
}

/** It follows it again. */
export function forgetPlace(connection: Connection, log: EventLog): void {
  connection.places = connection.places?.filter((id) => typeof log.locate(id) !== 'number')
}
