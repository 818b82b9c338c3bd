import { type Channel, createChannel } from '@sse/core'

/** What many streams of a server under load follow. */
export type FeedName = 'live' | 'history' | 'lossy'

/** The channels behind the sources of the same names. */
export const FEEDS: Readonly<Record<FeedName, Channel>> = {
  live: createChannel(),
  history: createChannel({ history: { maxEvents: 1_000 } }),
  lossy: createChannel({ overflow: 'drop-oldest' }),
}

/** What a server is told to publish. */
export interface Publication {
  readonly feed: FeedName
  /** Turns of the event loop, one after the other. */
  readonly ticks: number
  readonly perTick: number
  /** Bytes of data of one event, as JSON. */
  readonly dataBytes: number
  /** Whether to look at memory meanwhile, which takes time. */
  readonly looks?: boolean
}

/** The data of an event. */
export interface FeedData {
  readonly n: number
  readonly x: string
}

/** All numbers have as many digits, so that all events are of one size. */
export const FIRST_NUMBER: number = 1_000_000
const TICKS_TO_A_LOOK = 64

const published: Record<FeedName, number> = { live: 0, history: 0, lossy: 0 }

/** Publishes numbered events. @returns the most memory in use meanwhile, if it looks. */
export async function publishAll(
  { feed, ticks, perTick, dataBytes, looks = false }: Publication,
  publish: (feed: FeedName, data: FeedData) => void,
): Promise<number> {
  const x = 'x'.repeat(dataBytes - JSON.stringify({ n: FIRST_NUMBER, x: '' }).length)
  let peak = 0
  for (let tick = 0; tick < ticks; tick += 1) {
    for (let count = 0; count < perTick; count += 1) {
      publish(feed, { n: FIRST_NUMBER + published[feed], x })
      published[feed] += 1
    }
    if (looks && tick % TICKS_TO_A_LOOK === 0) peak = Math.max(peak, heldBytes())
    await new Promise((resolve) => setImmediate(resolve))
  }
  return peak
}

/** Memory in use after a collection, in a process that was started with `--expose-gc`. */
export function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
