import type { SseError } from './errors.ts'
import {
  ANY_FIX,
  type ContextHelp,
  invalidContext,
  isNodeRequest,
  isRequest,
  showContext,
} from './invalid-context.ts'
import type { SseOptions } from './options.ts'
import type { Sink } from './sinks/sink.ts'
import { createWebSink, type ToResponse, type WebSinkInit } from './sinks/web-sink.ts'
import { createSseFor, type SseBase } from './sse.ts'

const ANY_REQUEST: ContextHelp = {
  rule: 'A fetch-style handler must get a `Request`',
  fix: ANY_FIX,
}

const FOR_NODE =
  'That is the request of a Node server: use `@sse/core/node`, or the adapter of your framework.'

/**
 * What a fetch-style framework says about one of its requests.
 *
 * @public
 */
export interface WebExchange<Result> {
  /** The request. */
  readonly request: Request
  /** Reads a header that was set on the response before. */
  readonly header: (name: string) => string | null | undefined
  /** Whether a response was made already. */
  readonly isSent: boolean
  /** Makes the framework's response. */
  readonly toResponse: ToResponse<Result>
  /** `createBridgeSink` of `@sse/core/bridge`, for a response that may be written to one of `node:http`. */
  readonly createSink?: ((init: WebSinkInit) => Sink) | undefined
}

/**
 * Makes what the adapter of a fetch-style framework gives.
 *
 * @param options - Defaults of all routes.
 * @param framework - `describe` reads the request and makes the response, `toHandler` a request handler; `help` is for the
 * error of those who give something else than a context, which `describe` may be asked about too.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @public
 */
export function createWebSse<Context, RequestHandler, Result>(
  options: SseOptions<Context>,
  framework: {
    describe(context: Context): WebExchange<Result>
    toHandler(answer: (context: Context) => Promise<Result>): RequestHandler
    readonly help?: ContextHelp | undefined
  },
): SseBase<Context, RequestHandler, Result> {
  const { help = ANY_REQUEST } = framework
  // A second stream for the same request would never be read. Contexts are kept for good, requests as long as
  // their stream is open: tests may send one `Request` twice.
  const answered = new WeakSet<object>()
  const describe = (context: Context): WebExchange<Result> => {
    // What is no context has no request, and need not even be an object.
    const exchange = framework.describe(context ?? ({} as Context))
    if (!isRequest(exchange.request)) throw noRequest(help, context)
    return exchange
  }
  return createSseFor(options, {
    toHandler: framework.toHandler,
    assertContext: (context) => void describe(context),
    async connect(context, serve) {
      const exchange = describe(context)
      const { request } = exchange
      const { method, url, headers } = request
      let response: Result | undefined
      const sink = (exchange.createSink ?? createWebSink)({
        request,
        answered,
        header: exchange.header,
        // Asked again when the stream opens: another one may have been faster.
        isSent: () => exchange.isSent || answered.has(context as object) || answered.has(request),
        respond: (head, body) => {
          response = exchange.toResponse(head, body)
          answered.add(context as object).add(request)
        },
      })
      await serve({ method, url, header: (name) => headers.get(name), context, sink })
      return response as Result
    },
  })
}

function noRequest({ rule, fix }: ContextHelp, context: unknown): SseError {
  const { request, req } = (context ?? {}) as { request?: unknown; req?: unknown }
  const isNode = [context, request, req].some(isNodeRequest)
  const help = { rule, fix: isNode ? FOR_NODE : fix }
  return invalidContext(help, showContext(context, 'request', 'req'), context, request)
}

/**
 * The request of a fetch-style handler, and whatever else the framework hands over with it.
 *
 * @public
 */
export interface FetchContext {
  /** The request. */
  readonly request: Request
}

/**
 * A fetch-style request handler: takes a `Request` (Next.js, Bun, Deno, Workers) or an object that holds it as
 * `request` (SvelteKit, Astro, React Router), which then is the second argument of the event handler.
 *
 * @public
 */
export type FetchHandler = (input: Request | FetchContext) => Promise<Response>

/**
 * Event streams for everything that answers a `Request` with a `Response`.
 *
 * @public
 */
export type Sse = SseBase<FetchContext, FetchHandler, Response, Request | FetchContext>

/**
 * Makes the event streams of one fetch-style server.
 *
 * @param options - Defaults of all routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const sse = createSse({ limit: { maxConnections: 1_000 } })
 *
 * export const GET = sse.handler(async function* (stream, { request }) {
 *   const job = new URL(request.url).searchParams.get('job')
 *   for (let percent = 0; percent <= 100 && !stream.signal.aborted; percent += 10) {
 *     yield { event: 'progress', data: { job, percent } }
 *   }
 * })
 * ```
 *
 * @public
 */
export function createSse(options: SseOptions<FetchContext> = {}): Sse {
  const sse = createWebSse<FetchContext, FetchHandler, Response>(options, {
    describe: ({ request }) => ({
      request,
      isSent: false,
      header: () => undefined,
      toResponse: ({ status, headers }, body) => new Response(body, { status, headers }),
    }),
    toHandler: (answer) => (input) => answer(toContext(input)),
    help: {
      rule: '`@sse/core` needs a `Request`, or an object that holds one as `request`',
      fix: 'Pass what the server calls your handler with.',
    },
  })
  return {
    ...sse,
    respond: (input, source, route) => sse.respond(toContext(input), source, route),
  }
}

function toContext(input: Request | FetchContext): FetchContext {
  return 'request' in Object(input) || !isRequest(input)
    ? (input as FetchContext)
    : { request: input }
}
