// 48 random bits name the log that gave an id, so that a restart shows and no other channel takes it for its own.
const EPOCH_DIGITS = 12
const ID = /^[0-9a-f]{12}-[0-9a-z]{1,11}$/

/** How many logs one stream may follow at once: their ids together stay below the 1,024 bytes of an id. */
export const MAX_IDS = 32

// No field of the ids contains it, and two copies of a header arrive joined by it.
const SEPARATOR = ','

/** Names a log for as long as it lives. */
export function createEpoch(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, EPOCH_DIGITS)
}

/** The id of an event: short ASCII, because browsers send others back wrongly, or after a preflight only. */
export function formatId(epoch: string, order: number): string {
  return `${epoch}-${order.toString(36)}`
}

/** @returns The order of the event, `unknown` if another log gave the id, `malformed` if none can have. */
export function parseId(id: string, epoch: string): number | 'unknown' | 'malformed' {
  if (!ID.test(id)) return 'malformed'
  if (!id.startsWith(epoch)) return 'unknown'
  const order = Number.parseInt(id.slice(EPOCH_DIGITS + 1), 36)
  return Number.isSafeInteger(order) ? order : 'malformed'
}

/** One id that says how far a client has come in several logs. */
export function joinIds(ids: readonly string[]): string {
  return ids.join(SEPARATOR)
}

/** The ids that a last event ID consists of. */
export function splitIds(lastEventId: string): string[] {
  return lastEventId.split(SEPARATOR, MAX_IDS * 2).map((id) => id.trim())
}
