import { type SseError, show } from './errors.ts'
import {
  ANY_FIX,
  type ContextHelp,
  invalidContext,
  isRequest,
  showContext,
} from './invalid-context.ts'
import type { SseOptions } from './options.ts'
import { createNodeSink, type NodeRequest, type NodeResponse } from './sinks/node-sink.ts'
import { createSseFor, type SseBase } from './sse.ts'

const ANY_EXCHANGE: ContextHelp = {
  rule: 'The request and response of a Node server must be there as `req` and `res`',
  fix: ANY_FIX,
}

const FOR_FETCH = 'That is a `Request`: use `@sse/core`, or the adapter of your framework.'

/**
 * The request and the response of one exchange of a Node server.
 *
 * @public
 */
export interface NodeContext {
  /** The request, of `node:http` or `node:http2`. */
  readonly req: NodeRequest
  /** The response that belongs to it. */
  readonly res: NodeResponse
}

/**
 * Makes what the adapter of a Node framework gives: one whose context holds the request and response of
 * `node:http` or `node:http2` as `req` and `res`.
 *
 * @param options - Defaults of all routes.
 * @param toHandler - Makes a request handler of the framework.
 * @param framework - `around` calls `answer`, which resolves once the head was sent, with what the framework needs around it;
 * `help` is for the error of those who give something else than a context.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @public
 */
export function createNodeSse<Context extends NodeContext, RequestHandler>(
  options: SseOptions<Context>,
  toHandler: (answer: (context: Context) => Promise<void>) => RequestHandler,
  framework: {
    around?(context: Context, answer: () => Promise<void>): Promise<void>
    readonly help?: ContextHelp | undefined
  } = {},
): SseBase<Context, RequestHandler, void> {
  const { help = ANY_EXCHANGE } = framework
  const assertContext = (context: Context): void => {
    if (!isNodeContext(context)) throw noExchange(help, context)
  }
  return createSseFor(options, {
    toHandler,
    assertContext,
    async connect(context, serve) {
      assertContext(context)
      const { req, res } = context
      const { method = 'GET', url = '/', headers } = req
      const header = (name: string): string | undefined => headers[name]?.toString()
      const sink = createNodeSink(req, res)
      const answer = (): Promise<void> => serve({ method, url, header, context, sink })
      await (framework.around?.(context, answer) ?? answer())
    },
  })
}

function isNodeContext(context: Partial<NodeContext> | undefined): boolean {
  const { req, res } = context ?? {}
  return typeof req?.headers === 'object' && typeof res?.writeHead === 'function'
}

function noExchange({ rule, fix }: ContextHelp, context: unknown): SseError {
  const { req, request } = (context ?? {}) as { req?: unknown; request?: unknown }
  const help = { rule, fix: [context, req, request].some(isRequest) ? FOR_FETCH : fix }
  const got = req === undefined ? show(context) : showContext(context, 'req', 'res')
  return invalidContext(help, got, context, req)
}

/**
 * A request handler of a Node server. It rejects with what the event handler throws before the head is sent.
 *
 * @public
 */
export type NodeHandler = (req: NodeRequest, res: NodeResponse) => Promise<void>

/**
 * Event streams of a plain `node:http` or `node:http2` server.
 *
 * @public
 */
export type Sse = SseBase<NodeContext, NodeHandler, void>

/**
 * Makes the event streams of one `node:http` or `node:http2` server.
 *
 * @param options - Defaults of all routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 *
 * const sse = createSse()
 * const clock = sse.handler(async function* (stream) {
 *   while (!stream.signal.aborted) {
 *     yield { event: 'time', data: { now: Date.now() } }
 *     await new Promise((resolve) => setTimeout(resolve, 1_000))
 *   }
 * })
 *
 * const server = createServer((req, res) => {
 *   clock(req, res).catch((error) => {
 *     console.error(error)
 *     if (!res.headersSent) res.writeHead(500)
 *     res.end()
 *   })
 * }).listen(3000)
 *
 * process.once('SIGTERM', () => void sse.close().then(() => server.close()))
 * ```
 *
 * @public
 */
export function createSse(options: SseOptions<NodeContext> = {}): Sse {
  return createNodeSse(options, (answer) => (req, res) => answer({ req, res }), {
    help: {
      rule: '`@sse/core/node` needs the request and response of a Node server',
      fix: '`respond()` takes `{ req, res }` as one argument.',
    },
  })
}
