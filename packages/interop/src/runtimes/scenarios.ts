// Runs on every runtime: imports no values but those of the packages under test.
import type { EventMap, EventStream, HandlerResult, RouteOptions } from '@sse/core'

/** What a scenario tells the test: a line on stdout. */
export interface Report {
  readonly run: string
  readonly type: 'asked' | 'aborted' | 'cleaned-up' | 'ended' | 'pulled' | 'run-ended'
  /** The end reason, how a run ended, or how many bytes were pulled. */
  readonly value?: string | number
}

/** The request of a scenario. */
export interface Visit {
  readonly stream: EventStream
  readonly param: (name: string) => string | null
  readonly tell: (type: Report['type'], value?: Report['value']) => void
}

/** What a server does with a request. */
export interface Scenario {
  readonly options?: RouteOptions<unknown>
  readonly run: (visit: Visit) => HandlerResult<EventMap> | Promise<void>
}

/** Tells the test something. */
export function tell(report: Report): void {
  console.log(JSON.stringify(report))
}

// Polled, not awaited: in Workers a promise of one request is no good to another.
const POLL_MS = 5
const CHUNK = 'x'.repeat(65_536)

/** Runs that a test let go on. */
export const released = new Set<string>()

/** Streams that wait for events of other requests. */
export const subscribed = new Set<EventStream>()

export const scenarios: Readonly<Record<string, Scenario>> = {
  /** The second event is made when the test has the first. */
  steps: {
    async *run({ param }) {
      yield { event: 'step', id: '1', data: { step: 1 } }
      await poll(() => released.has(param('run') ?? ''))
      yield { event: 'step', id: '2', data: { step: 2 } }
    },
  },
  /** Goes on until the client leaves. */
  endless: {
    async *run({ stream, tell }) {
      try {
        for (let tick = 1; ; tick += 1) {
          yield { event: 'tick', data: { tick } }
          await sleep(20, stream.signal)
        }
      } finally {
        tell('cleaned-up')
      }
    },
  },
  /** Has room for one client, and says nothing but heartbeats. */
  limited: {
    options: { heartbeatMs: 50, limit: { maxConnections: 1 } },
    run: ({ stream }) => untilEnd(stream),
  },
  /** Has room for one client, and lets one more wait. */
  queued: {
    options: { heartbeatMs: 50, limit: { maxConnections: 1, maxQueued: 1 } },
    run: ({ stream }) => untilEnd(stream),
  },
  /** Says nothing for longer than a test takes: its first heartbeat comes after 15 s. */
  mute: { run: ({ stream }) => untilEnd(stream) },
  /** Says nothing but heartbeats. */
  silent: {
    options: { heartbeatMs: 50 },
    run: ({ stream }) => untilEnd(stream),
  },
  /** Is given up by the server. */
  idle: {
    options: { heartbeatMs: 50, idleTimeoutMs: 500 },
    run: ({ stream }) => untilEnd(stream),
  },
  /** Far more than any buffer takes. */
  large: {
    options: { sendTimeoutMs: 500 },
    async *run({ tell }) {
      let bytes = 0
      try {
        for (; bytes < 256 * 1_048_576; bytes += CHUNK.length) yield CHUNK
      } finally {
        tell('pulled', bytes)
      }
    },
  },
  /** Fails when the stream is open. */
  fails: {
    async *run() {
      yield { event: 'step', data: { step: 1 } }
      await sleep(10)
      throw new Error('a secret of the server')
    },
  },
  /** Sends instead of yielding. */
  push: {
    options: { completion: { event: 'done', data: '' } },
    async run({ stream }) {
      for (let step = 1; step <= 3; step += 1) {
        await stream.send({ event: 'step', data: { step } })
        await sleep(5)
      }
    },
  },
  /** Sends what other requests bring. */
  subscribe: {
    async run({ stream }) {
      subscribed.add(stream)
      await stream.ended
      subscribed.delete(stream)
    },
  },
}

async function untilEnd({ ended }: EventStream): Promise<void> {
  await ended
}

async function poll(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(POLL_MS)
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
