import type { Channel, Run, SubscribeOptions } from '../src/index.ts'
import type { RouteOptions } from '../src/options.ts'
import { createFakeSink, createFakeSse, type FakeRequest, type FakeSink } from './fake-sink.ts'
import { parseStream } from './parse-stream.ts'

/** How a test's client opens its stream. */
export interface SubscriberOptions {
  readonly lastEventId?: string | undefined
  readonly subscribe?: SubscribeOptions
  readonly route?: RouteOptions<FakeRequest>
  readonly sink?: FakeSink
}

/** A client of a channel or a run, whose reading a test controls. */
export interface Subscriber {
  readonly sink: FakeSink
  /** The data of every event so far, by what `eventsource-parser` makes of the bytes. */
  readonly data: () => string[]
  /** Type, data and id of every event so far. */
  readonly events: () => { event: string | undefined; data: string; id: string | undefined }[]
  /** What a browser would send back. */
  readonly lastId: () => string | undefined
  /** How the stream ended, if it did. */
  readonly ends: string[]
  readonly errors: unknown[]
  /** Rejects with what went to the framework. */
  readonly answered: Promise<void>
}

/** Opens a stream that follows one or more channels or runs. */
export function subscribe(
  channels: Channel | Run | readonly (Channel | Run)[],
  {
    lastEventId,
    subscribe: options = {},
    route = {},
    sink = createFakeSink(),
  }: SubscriberOptions = {},
): Subscriber {
  const ends: string[] = []
  const errors: unknown[] = []
  const sse = createFakeSse({
    onEnd: (reason) => void ends.push(reason),
    onError: (error) => void errors.push(error),
  })
  const followed = [channels].flat() as Channel[]
  const handler = sse.handler(async (stream) => {
    await Promise.all(followed.map((channel) => channel.subscribe(stream, options)))
  }, route)
  const answered = handler({ sink, ...(lastEventId === undefined ? {} : { lastEventId }) })
  answered.catch(() => undefined)
  const parsed = () => parseStream(sink.text())
  return {
    sink,
    data: () => parsed().events.map(({ data }) => data),
    events: () => parsed().events.map(({ event, data, id }) => ({ event, data, id })),
    lastId: () => parsed().ids.at(-1) ?? lastEventId,
    ends,
    errors,
    answered,
  }
}
