import { SseError, show } from './errors.ts'
import type { SseOptions } from './options.ts'
import { createWebSink, type ToResponse } from './sinks/web-sink.ts'
import { createSseFor, type SseBase } from './sse.ts'

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
}

/**
 * Makes what the adapter of a fetch-style framework gives.
 *
 * @param options - Defaults of all routes.
 * @param framework - `describe` reads the request and makes the response, `toHandler` a request handler.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @public
 */
export function createWebSse<Context, RequestHandler, Result>(
  options: SseOptions<Context>,
  framework: {
    describe(context: Context): WebExchange<Result>
    toHandler(answer: (context: Context) => Promise<Result>): RequestHandler
  },
): SseBase<Context, RequestHandler, Result> {
  // A second stream for the same request would never be read. Contexts are kept for good, requests as long as
  // their stream is open: tests may send one `Request` twice.
  const answered = new WeakSet<object>()
  return createSseFor(options, {
    toHandler: framework.toHandler,
    async connect(context, serve) {
      const exchange = framework.describe(context)
      const { request } = exchange
      assertRequest(request, context)
      const { signal, method, url, headers } = request
      const made: { response?: Result } = {}
      const sink = createWebSink({
        signal,
        header: exchange.header,
        toResponse: exchange.toResponse,
        // Asked again when the stream opens: another one may have been faster.
        get isSent() {
          return exchange.isSent || answered.has(context as object) || answered.has(request)
        },
        onResponse: (result: Result) => {
          answered.add(context as object).add(request)
          made.response = result
        },
        onRelease: () => void answered.delete(request),
      })
      await serve({ method, url, lastEventIdHeader: headers.get('Last-Event-ID'), context, sink })
      return made.response as Result
    },
  })
}

function assertRequest(request: Request | undefined, context: unknown): void {
  if (typeof request?.headers?.get === 'function') return
  throw new SseError(
    'ERR_SSE_INVALID_CONTEXT',
    `A fetch-style handler must get a \`Request\`, got ${show(context)}. Use the adapter of your framework, and give \`respond()\` what its handlers get as their second argument.`,
  )
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
export type Sse = SseBase<FetchContext, FetchHandler, Response>

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
  return createWebSse(options, {
    describe: ({ request }) => ({
      request,
      isSent: false,
      header: () => undefined,
      toResponse: ({ status, headers }, body) => new Response(body, { status, headers }),
    }),
    toHandler: (answer) => (input) => answer(isContext(input) ? input : { request: input }),
  })
}

function isContext(input: Request | FetchContext): input is FetchContext {
  return typeof input === 'object' && input !== null && 'request' in input
}
