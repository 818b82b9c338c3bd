import { createGate, enterAll, type Gate, leave, type Visit } from './admission/gate.ts'
import { refusalFor } from './admission/refusal.ts'
import type { RejectReason } from './admission/reject-reason.ts'
import { areTimersRequestBound, createClock, createRequestClock } from './connection/clock.ts'
import type { Counters, Shared } from './connection/connection.ts'
import { createConnection } from './connection/create-connection.ts'
import { END_REASONS } from './connection/end-reason.ts'
import type { EventSchemas } from './connection/event-schema.ts'
import { createEventStream, type EventStream } from './connection/event-stream.ts'
import { responseSent } from './connection/life.ts'
import { runSource } from './connection/run-source.ts'
import { discardSource, keepSource } from './connection/source.ts'
import type { EndReason } from './errors.ts'
import type { ResolvedLimit, ResolvedOptions } from './options.ts'
import type { Sink } from './sinks/sink.ts'
import { callSafely, logError } from './thenable.ts'
import { readLastEventId } from './wire/last-event-id.ts'
import { eventStreamHeaders, type HeaderReader } from './wire/response-headers.ts'

/** One request and where its response goes, as an adapter hands it over. */
export interface Exchange<Context> {
  /** The HTTP method, in capitals. */
  readonly method: string
  /** The URL, or its path and query. */
  readonly url: string
  /** Reads a header of the request as the server gives it, by its name in lower case. */
  readonly header: HeaderReader
  /** What the handler gets as its second argument. */
  readonly context: Context
  readonly sink: Sink
}

/** A handler with everything that was settled when it was given. */
export interface Route {
  readonly options: ResolvedOptions<unknown>
  readonly limit: ResolvedLimit<never>
  readonly gates: readonly Gate<unknown>[]
  readonly schemas: EventSchemas | undefined
  /** Runs the handler. */
  readonly run: (stream: EventStream, context: unknown) => unknown
  /** A source that was made before it was known whether it is needed. */
  readonly source: unknown
}

/** What all streams of one `createSse` have in common. */
export interface Engine {
  readonly shared: Shared
  /** Whether each connection has a clock of its own, and shares only the rest. */
  readonly hasClocks: boolean
  readonly gates: Set<Gate<unknown>>
  readonly rejected: Record<RejectReason, number>
  isClosing: boolean
}

export function createEngine(): Engine {
  let prefix: string | undefined
  return {
    shared: {
      ...createClock(),
      connections: new Set(),
      counters: createCounters(),
      idOf: (number) => {
        // Not before the first request: Workers allow no random values while a module loads.
        prefix ??= crypto.randomUUID().slice(0, 8)
        return `${prefix}-${number.toString(36)}`
      },
    },
    hasClocks: areTimersRequestBound(),
    gates: new Set(),
    rejected: { 'server-limit': 0, 'key-limit': 0, 'queue-timeout': 0, shutdown: 0 },
    isClosing: false,
  }
}

function createCounters(): Counters {
  const ended = Object.fromEntries(END_REASONS.map((reason) => [reason, 0]))
  return {
    opened: 0,
    events: 0,
    bytes: 0,
    dropped: 0,
    orphaned: 0,
    ended: ended as Record<EndReason, number>,
  }
}

/** Adds a gate, which closes with the engine. */
export function addGate<Context>(engine: Engine, limit: ResolvedLimit<Context>): Gate<unknown> {
  const gate = createGate(limit) as Gate<unknown>
  engine.gates.add(gate)
  return gate
}

/**
 * Answers a request: with an event stream, a refusal, or for HEAD with the head alone.
 *
 * @returns Resolves when the head was sent, or the client is gone. Rejects with what the handler threw
 * before that; nothing was sent then.
 * @throws {@link SseError} `ERR_SSE_RESPONSE_SENT`, as a rejection.
 */
export function serve(engine: Engine, given: Exchange<unknown>, route: Route): Promise<void> {
  const { compression } = route.options
  const exchange = compression ? { ...given, sink: compression(given.sink, given.header) } : given
  const { sink, context, method } = exchange
  return new Promise((resolve, reject) => {
    if (sink.isSent) return decline(route, sink, () => reject(responseSent()))
    if (sink.isGone) return decline(route, sink, resolve)
    if (method === 'HEAD') {
      sink.reply({ status: 200, headers: eventStreamHeaders((name) => sink.header(name)) }, '')
      return decline(route, sink, resolve)
    }
    const visit: Visit<unknown> = { context, release: undefined, leaveLine: undefined }
    const giveUp = (settle: () => void): void => {
      leave(visit)
      decline(route, sink, settle)
    }
    const answer = (refusal?: RejectReason): void => {
      if (refusal === undefined) {
        // Answered by somebody else while it stood in line, with a timeout perhaps.
        if (sink.isSent) return giveUp(() => reject(responseSent()))
        return admit(engine, exchange, route, visit, { resolve, reject })
      }
      try {
        refuse(engine, exchange, route, refusal)
      } catch (error) {
        // Nobody is up the stack of a timer or a microtask: the framework has to be told here.
        return giveUp(() => reject(error as Error))
      }
      giveUp(resolve)
    }
    if (engine.isClosing) return answer('shutdown')
    try {
      enterAll(route.gates, visit, answer)
    } catch (error) {
      // The key of the request could not be read.
      return giveUp(() => reject(error as Error))
    }
    if (visit.leaveLine === undefined) return
    keepSource(route.source)
    // Its client left, or somebody else answered.
    const over = (): void => giveUp(resolve)
    sink.listen({ drained: () => undefined, finished: over, gone: over })
  })
}

function admit(
  engine: Engine,
  exchange: Exchange<unknown>,
  route: Route,
  visit: Visit<unknown>,
  opening: { resolve(): void; reject(error: unknown): void },
): void {
  const shared = engine.hasClocks ? { ...engine.shared, ...createRequestClock() } : engine.shared
  shared.counters.opened += 1
  const connection = createConnection({
    shared,
    sink: exchange.sink,
    options: route.options,
    schemas: route.schemas,
    context: visit.context,
    release: visit.release,
    number: shared.counters.opened,
    lastEventId: readLastEventId(exchange.header('last-event-id'), exchange.url),
    opening,
  })
  // From now on the slots are the connection's.
  visit.release = undefined
  shared.connections.add(connection)
  connection.turns.schedule(connection)
  exchange.sink.listen(connection)
  runSource(connection, () => route.run(createEventStream(connection), exchange.context))
}

function refuse(
  engine: Engine,
  { sink, context }: Exchange<unknown>,
  { limit, options }: Route,
  reason: RejectReason,
): void {
  if (sink.isSent) throw responseSent()
  engine.rejected[reason] += 1
  const { head, body } = refusalFor(reason, limit, (name) => sink.header(name))
  sink.reply(head, body)
  // There is no stream whose `onError` could be told.
  callSafely(() => options.onReject?.(reason, context), logError)
}

/** There will be no event stream: what was made for it is let go. */
function decline(route: Route, sink: Sink, settle: () => void): void {
  if (route.source !== undefined) discardSource(route.source)
  sink.release()
  settle()
}
