import type { RejectReason } from './admission/reject-reason.ts'
import { assertObject } from './check-options.ts'
import { closeEngine } from './close.ts'
import { assertSchemas, type EventSchemas, type EventsOf } from './connection/event-schema.ts'
import type { EventInputOf, EventMap, EventStream } from './connection/event-stream.ts'
import { discardSource, type Source } from './connection/source.ts'
import { addGate, createEngine, type Engine, type Exchange, type Route, serve } from './engine.ts'
import { type EndReason, SseError, show } from './errors.ts'
import type { CloseOptions, ResolvedOptions, RouteOptions, SseOptions } from './options.ts'
import { resolveCloseOptions, resolveLimit, resolveOptions } from './resolve-options.ts'

/**
 * Produces the events of one stream: returns a source, is an async generator, or sends with `stream.send()`
 * and ends the stream by returning nothing.
 *
 * It is called once a slot is free and before the head is sent. What it, or its source, throws within that
 * turn of the event loop and before the first event goes to the framework's error handler; later, the
 * client gets an error event.
 *
 * @public
 */
export type Handler<Events, Context> = (
  stream: EventStream<Events>,
  context: Context,
) => HandlerResult<Events> | Promise<HandlerResult<Events>>

/**
 * What a handler may return.
 *
 * @public
 */
export type HandlerResult<Events> = Source<EventInputOf<Events>> | undefined | void

/**
 * Numbers since `createSse` was called.
 *
 * @public
 */
export interface SseStats {
  /** Streams that hold a slot now. */
  readonly active: number
  /** Clients that wait for a slot now. */
  readonly queued: number
  /** Streams that got a slot. */
  readonly opened: number
  /** Clients that were refused. */
  readonly rejected: Readonly<Record<RejectReason, number>>
  /** Streams that ended. */
  readonly ended: Readonly<Record<EndReason, number>>
  /** Events taken from sources. */
  readonly events: number
  /** Bytes written to bodies, before any compression. */
  readonly bytes: number
  /** Events that were taken but did not leave for the client before the end. */
  readonly dropped: number
  /** Streams whose client does not take what was written now. */
  readonly stalled: number
  /** Sources that did not clean up in time. */
  readonly orphaned: number
}

/**
 * What every adapter gives. `Input` is what `respond` takes where that is more than the context of handlers.
 *
 * @public
 */
export interface SseBase<Context, RequestHandler, Result, Input = Context> {
  /**
   * Makes a request handler of the framework that answers with an event stream, each of whose events is checked
   * against a schema before it is sent. A handler that takes no parameter needs `handler<typeof events>(…)`:
   * TypeScript infers what it yields before it knows the schemas.
   *
   * @param handler - Produces the events.
   * @param route - Options of this route, and `events`: a schema for each event type.
   * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
   */
  handler<Schemas extends EventSchemas>(
    // Inferred from the schemas alone, and this overload comes first: else the event types that it yields widen
    // to `string`.
    handler: NoInfer<Handler<EventsOf<Schemas>, Context>>,
    route: RouteOptions<Context> & { events: Schemas },
  ): RequestHandler
  /**
   * Makes a request handler of the framework that answers with an event stream.
   *
   * @param handler - Produces the events.
   * @param route - Options of this route.
   * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
   */
  handler<Events = EventMap>(
    handler: Handler<Events, Context>,
    route?: RouteOptions<Context>,
  ): RequestHandler
  /**
   * Answers with an event stream from within an ordinary handler, which may have answered otherwise before.
   *
   * @param context - What the handlers of this adapter get as their second argument.
   * @param source - The events, or a handler that produces them.
   * @param options - Options of this stream. A limit belongs to `createSse` or `handler`.
   * @returns Resolves when the head was sent.
   * @throws {@link SseError} `ERR_SSE_INVALID_CONTEXT`, `ERR_SSE_INVALID_SOURCE`, `ERR_SSE_INVALID_OPTION` and
   * `ERR_SSE_RESPONSE_SENT`, as rejections, and what the source throws before the head.
   */
  respond<Events = EventMap>(
    context: Input,
    source: Source<EventInputOf<Events>> | Handler<Events, Context>,
    options?: Omit<RouteOptions<Context>, 'limit'>,
  ): Promise<Result>
  /**
   * Refuses new streams with 503 and ends the open ones: signals abort, clients get `event` and a jittered
   * reconnection time, and what was written reaches them. Safe to call twice.
   *
   * @returns Resolves when all streams are over, within `graceMs`. `server.close()` completes then.
   * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`, as a rejection.
   */
  close(options?: CloseOptions): Promise<void>
  /** Counts what happened and what is open. */
  stats(): SseStats
}

/** What an adapter tells about its framework. */
export interface Framework<Context, RequestHandler, Result> {
  /** Throws if something is no context, which `respond` may be given. */
  assertContext(context: Context): void
  /**
   * Answers one request: makes an exchange of its context, lets `serve` answer, and gives what the framework wants
   * a handler to return.
   */
  connect(context: Context, serve: (exchange: Exchange<Context>) => Promise<void>): Promise<Result>
  /** Makes a request handler of the framework. */
  toHandler(answer: (context: Context) => Promise<Result>): RequestHandler
}

/**
 * Makes what every adapter gives.
 *
 * @param options - Defaults of all routes.
 * @param framework - The adapter's part.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function createSseFor<Context, RequestHandler, Result>(
  options: SseOptions<Context>,
  framework: Framework<Context, RequestHandler, Result>,
): SseBase<Context, RequestHandler, Result> {
  const engine = createEngine()
  const defaults = resolveOptions(options)
  const limit = resolveLimit(options.limit === undefined ? {} : options.limit)
  const gate = addGate(engine, limit)
  let closed: Promise<void> | undefined

  const routeFor = (run: Route['run'], route: RouteWithSchemas<Context>): Route => {
    const { events, ...routeOptions } = assertObject('options', route)
    const resolved = resolveOptions(routeOptions, defaults) as ResolvedOptions<unknown>
    const schemas = events === undefined ? undefined : assertSchemas(events)
    const common = { options: resolved, schemas, run, source: undefined }
    if (route.limit === undefined) return { ...common, limit, gates: [gate] }
    const own = resolveLimit(route.limit, limit)
    return { ...common, limit: own, gates: [addGate(engine, own), gate] }
  }
  const answer = async (context: Context, route: Route): Promise<Result> => {
    let isServed = false
    try {
      return await framework.connect(context, (exchange) => {
        isServed = true
        return serve(engine, exchange, route)
      })
    } catch (error) {
      // The context was no good: nobody else knows of a source that was made already.
      if (!isServed && route.source !== undefined) discardSource(route.source)
      throw error
    }
  }

  return {
    handler(handler: unknown, routeOptions: RouteWithSchemas<Context> = {}) {
      const route = routeFor(assertHandler(handler, routeOptions), routeOptions)
      return framework.toHandler((context) => answer(context, route))
    },
    async respond(context, source, routeOptions = {}) {
      const { run, unused } = readSource(source)
      let route: Route
      try {
        // First: with `respond(req, res, source)`, what comes as source and options is neither.
        framework.assertContext(context)
        assertSource(source)
        const { limit: own } = assertObject('options', routeOptions) as RouteOptions<Context>
        if (own !== undefined) throw limitInRespond(own)
        route = { ...routeFor(run, routeOptions), source: unused }
      } catch (error) {
        discardSource(unused)
        throw error
      }
      return answer(context, route)
    },
    async close(closeOptions = {}) {
      const resolved = resolveCloseOptions(closeOptions)
      closed ??= closeEngine(engine, resolved)
      return closed
    },
    stats: () => readStats(engine),
  }
}

type RouteWithSchemas<Context> = RouteOptions<Context> & { events?: EventSchemas }

/** What `respond` runs, and what has to be let go if it does not come to that. */
function readSource(source: unknown): { run: Route['run']; unused: unknown } {
  if (typeof source === 'function') return { run: source as Route['run'], unused: undefined }
  return { run: () => source, unused: source }
}

/** Nothing is fine for a handler, which may have sent its events itself, but not for `respond`. */
function assertSource(source: unknown): void {
  if (source !== undefined && source !== null) return
  throw new SseError(
    'ERR_SSE_INVALID_SOURCE',
    `\`respond()\` needs a source or a handler as its second argument, got ${show(source)}`,
  )
}

function assertHandler(handler: unknown, options: unknown): Route['run'] {
  if (typeof handler === 'function') return handler as Route['run']
  const fix =
    typeof options === 'function'
      ? 'The handler comes first, then the options.'
      : 'To stream a source that exists already, use `respond()`.'
  throw new SseError(
    'ERR_SSE_INVALID_OPTION',
    `\`handler\` must be a function that produces the events, got ${show(handler)}. ${fix}`,
  )
}

function limitInRespond(limit: unknown): SseError {
  return new SseError(
    'ERR_SSE_INVALID_OPTION',
    `\`limit\` must be given to \`createSse()\` or \`handler()\`, because a limit that is made for one response limits nothing, got ${show(limit)}`,
  )
}

function readStats({ shared, gates, rejected }: Engine): SseStats {
  const { connections, counters } = shared
  let { events, bytes } = counters
  let stalled = 0
  for (const { events: taken, bytes: written, waitingSince, sink } of connections) {
    events += taken
    bytes += written
    if (waitingSince !== undefined && sink.bufferedBytes > 0) stalled += 1
  }
  let queued = 0
  for (const gate of gates) queued += gate.queued
  return {
    active: connections.size,
    queued,
    opened: counters.opened,
    rejected: { ...rejected },
    ended: { ...counters.ended },
    events,
    bytes,
    dropped: counters.dropped,
    stalled,
    orphaned: counters.orphaned,
  }
}
