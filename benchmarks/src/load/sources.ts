import type { EventStream } from '@sse/core'
import { FEEDS, type FeedName } from './feeds.ts'

/** What the servers under load stream; each adapter mounts all of them. */
export type SourceName = 'big' | 'tick' | 'quiet' | 'fail' | 'close' | 'abort' | FeedName

const KIB = 1_024
const BIG_BYTES = 256 * KIB * KIB

/** When the signals of the `abort` source aborted. */
export const abortedAtMs: number[] = []

/** A clock that all processes of the machine share, in ms. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Makes the sources, by the path they are served at. */
export const SOURCES: Readonly<Record<SourceName, (stream: EventStream) => unknown>> = {
  /** As fast as the client reads, 256 MiB in all. */
  async *big() {
    const data = 'x'.repeat(KIB)
    for (let sent = 0; sent < BIG_BYTES; sent += KIB) yield { data }
  },
  /** An event a second, numbered. */
  async *tick(stream) {
    for (let tick = 0; !stream.signal.aborted; tick += 1) {
      yield { event: 'tick', data: { tick } }
      await secondOrAbort(stream.signal)
    }
  },
  /** Nothing, until the client leaves. */
  quiet: async (stream) => void (await stream.ended),
  /** An event, then an error. */
  async *fail() {
    yield 'first'
    throw new Error('planned')
  },
  /** Nothing; notes when it was told that the client is gone. */
  async abort(stream) {
    await new Promise<void>((resolve) => stream.signal.addEventListener('abort', () => resolve()))
    abortedAtMs.push(monotonicMs())
  },
  /** What is published to all. */
  live: (stream) => FEEDS.live.subscribe(stream),
  history: (stream) => FEEDS.history.subscribe(stream),
  lossy: (stream) => FEEDS.lossy.subscribe(stream),
  /** An event, then the server closes the stream. */
  async close(stream) {
    await stream.send('first')
    stream.close({ event: 'bye' })
  },
}

function secondOrAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, 1_000)
    signal.addEventListener('abort', done)
  })
}
