import type { Handler, RouteOptions, SseOptions } from '../src/index.ts'
import type { ResponseHead, Sink, SinkListener } from '../src/sinks/sink.ts'
import { createSseFor } from '../src/sse.ts'

/** A client whose reading a test controls: for what real sockets cannot be made to do at will. */
export interface FakeSink extends Sink {
  /** What the engine did, in order: each write as its text. */
  readonly log: string[]
  /** All text that was written. */
  readonly text: () => string
  head: ResponseHead | undefined
  /** While `true`, writes are taken but pile up, as with a client that does not read. */
  isFrozen: boolean
  isGone: boolean
  isSent: boolean
  /** Bytes that pile up before `write` answers `false`. */
  highWaterMark: number
  /** Set once the engine removed its listeners. */
  isReleased: boolean
  /** The client reads everything, and goes on reading. */
  thaw(): void
  /** The client reads this many bytes. */
  take(bytes: number): void
  /** The client closes the connection. */
  leave(): void
}

export function createFakeSink(): FakeSink {
  const decoder = new TextDecoder()
  let listener: SinkListener | undefined
  let held = 0
  let isEnding = false
  let isFull = false

  const settle = (): void => {
    if (held > 0) return
    if (isEnding) listener?.finished()
    else if (isFull) {
      isFull = false
      listener?.drained()
    }
  }
  const sink: FakeSink = {
    log: [],
    text: () => sink.log.filter((line) => !line.startsWith('<')).join(''),
    head: undefined,
    isFrozen: false,
    isGone: false,
    isSent: false,
    highWaterMark: 1_024,
    isReleased: false,
    get bufferedBytes() {
      return held
    },
    header: () => undefined,
    listen: (newListener) => {
      listener = newListener
    },
    open: (head) => {
      sink.head = head
      sink.log.push('<open>')
    },
    reply: (head, body) => {
      sink.head = head
      sink.log.push(`<reply ${head.status}>`, body)
    },
    encode: (text) => ({ bytes: new TextEncoder().encode(text), chunk: undefined }),
    write: (bytes) => {
      sink.log.push(decoder.decode(bytes, { stream: true }))
      if (!sink.isFrozen) return true
      held += bytes.length
      isFull = held >= sink.highWaterMark
      return !isFull
    },
    end: () => {
      sink.log.push('<end>')
      isEnding = true
      settle()
    },
    destroy: () => {
      sink.log.push('<destroy>')
    },
    release: () => {
      listener = undefined
      sink.isReleased = true
    },
    thaw: () => {
      sink.isFrozen = false
      held = 0
      settle()
    },
    take: (bytes) => {
      held = Math.max(0, held - bytes)
      settle()
    },
    leave: () => {
      sink.isGone = true
      listener?.gone()
    },
  }
  return sink
}

/** What a test may say about a request. */
export interface FakeRequest {
  readonly sink: FakeSink
  readonly method?: string
  readonly url?: string
  readonly lastEventId?: string
}

/** A `createSse` whose requests come from a test. */
export function createFakeSse(options: SseOptions<FakeRequest> = {}) {
  return createSseFor<FakeRequest, (request: FakeRequest) => Promise<void>, void>(options, {
    assertContext: () => undefined,
    connect: (context, serve) =>
      serve({
        method: context.method ?? 'GET',
        url: context.url ?? '/',
        header: (name) => (name === 'last-event-id' ? context.lastEventId : undefined),
        context,
        sink: context.sink,
      }),
    toHandler: (answer) => answer,
  })
}

/** Opens one stream and gives everything a test wants to see. */
export function openFake(
  handler: Handler<Record<string, unknown>, FakeRequest>,
  options: RouteOptions<FakeRequest> = {},
) {
  const ends: string[] = []
  const errors: unknown[] = []
  const sse = createFakeSse({
    onEnd: (reason) => void ends.push(reason),
    onError: (error) => void errors.push(error),
  })
  const sink = createFakeSink()
  const answered = sse.handler(handler, options)({ sink })
  return { sse, sink, ends, errors, answered }
}

/** Lets the current turn of the event loop end, with everything that was put off until then. */
export function turnEnd(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(() => realSetImmediate(resolve)))
}

// Taken before any test fakes the clock.
const realSetImmediate = setImmediate
