import { SseError, show } from './errors.ts'
import type { SseOptions } from './options.ts'
import { createNodeSink, type NodeRequest, type NodeResponse } from './sinks/node-sink.ts'
import { createSseFor, type SseBase } from './sse.ts'

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
 * @param around - Calls `answer`, which resolves once the head was sent, with what the framework needs around it.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @public
 */
export function createNodeSse<Context extends NodeContext, RequestHandler>(
  options: SseOptions<Context>,
  toHandler: (answer: (context: Context) => Promise<void>) => RequestHandler,
  around: (context: Context, answer: () => Promise<void>) => Promise<void> = (_, answer) =>
    answer(),
): SseBase<Context, RequestHandler, void> {
  return createSseFor(options, {
    toHandler,
    async connect(context, serve) {
      const { req, res } = assertNodeContext(context)
      const { method = 'GET', url = '/', headers } = req
      const lastEventIdHeader = headers['last-event-id']?.toString()
      const sink = createNodeSink(req, res)
      await around(context, () => serve({ method, url, lastEventIdHeader, context, sink }))
    },
  })
}

function assertNodeContext<Context extends NodeContext>(context: Context): Context {
  const { req, res } = (context ?? {}) as Partial<NodeContext>
  if (typeof req?.headers === 'object' && typeof res?.writeHead === 'function') return context
  throw new SseError(
    'ERR_SSE_INVALID_CONTEXT',
    `The request and response of a Node server must be there as \`req\` and \`res\`, got ${show(context)}. Use the adapter of your framework, and give \`respond()\` what its handlers get as their second argument.`,
  )
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
  return createNodeSse(options, (answer) => (req, res) => answer({ req, res }))
}
