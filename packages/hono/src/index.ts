import { createWebSse, type SseBase, type SseOptions } from '@sse/core'
import { createBridgeSink } from '@sse/core/bridge'
import type { Context, Env } from 'hono'

/**
 * Event streams of a Hono app. Event handlers get Hono's `c` as their second argument.
 *
 * @public
 */
export type Sse<E extends Env = Env> = SseBase<
  Context<E>,
  (c: Context<E>) => Promise<Response>,
  Response
>

type NodeEnv = { readonly outgoing?: unknown } | undefined

/**
 * Makes the event streams of one Hono app, on any runtime. Errors before the head are thrown to Hono.
 *
 * @param options - Defaults of all routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 *
 * const sse = createSse({ limit: { maxConnections: 1_000 } })
 * const app = new Hono()
 *
 * app.get('/ticks', sse.handler(async function* (stream, c) {
 *   for (let tick = 1; !stream.signal.aborted; tick += 1) {
 *     yield { event: 'tick', data: { tick, topic: c.req.query('topic') } }
 *     await new Promise((resolve) => setTimeout(resolve, 1_000))
 *   }
 * }))
 *
 * export default app
 * ```
 *
 * @public
 */
export function createSse<E extends Env = Env>(options: SseOptions<Context<E>> = {}): Sse<E> {
  return createWebSse(options, {
    describe: (c) => ({
      // Missing in what is no context of Hono, which is then refused.
      request: c.req?.raw,
      get isSent() {
        return c.finalized
      },
      header: (name) => c.res.headers.get(name),
      // What `@hono/node-server` shows; other servers have something else there, or nothing.
      createSink: (init) => createBridgeSink(init, (c.env as NodeEnv)?.outgoing),
      toResponse: ({ status, headers }, body) => {
        // Hono sets what was set on `c` over the headers of a response, so they have to agree.
        for (const [name, value] of Object.entries(headers)) c.header(name, value)
        c.header('Content-Length', undefined)
        return c.newResponse(body, status as 200)
      },
    }),
    toHandler: (answer) => answer,
    help: { rule: "`@sse/hono` needs Hono's `c`", fix: 'Pass `c`, not `c.req.raw`.' },
  })
}
