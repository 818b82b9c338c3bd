import type { SseBase, SseOptions } from '@sse/core'
import { createNodeSse } from '@sse/core/node'
import type { Context } from 'koa'

/**
 * Event streams of a Koa app. Event handlers get Koa's `ctx` as their second argument.
 *
 * @public
 */
export type Sse = SseBase<Context, (ctx: Context) => Promise<void>, void>

/**
 * Makes the event streams of one Koa app. Errors before the head are thrown to Koa.
 *
 * @param options - Defaults of all routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import Koa from 'koa'
 *
 * const sse = createSse({ limit: { maxConnections: 1_000 } })
 * const app = new Koa()
 *
 * app.use(sse.handler(async function* (stream, ctx) {
 *   for (let tick = 1; !stream.signal.aborted; tick += 1) {
 *     yield { event: 'tick', data: { tick, topic: ctx.query.topic } }
 *     await new Promise((resolve) => setTimeout(resolve, 1_000))
 *   }
 * }))
 *
 * const server = app.listen(3000)
 * process.once('SIGTERM', () => void sse.close().then(() => server.close()))
 * ```
 *
 * @public
 */
export function createSse(options: SseOptions<Context> = {}): Sse {
  return createNodeSse(options, (answer) => answer, {
    help: { rule: "`@sse/koa` needs Koa's `ctx`", fix: 'Pass `ctx`, not `ctx.req`.' },
    async around(ctx, answer) {
      // Koa reports what broke a connection as an error of the app. A client that leaves is none.
      const { onerror } = ctx
      const { stream: wire = ctx.req.socket } = ctx.req as { stream?: typeof ctx.req.socket }
      ctx.onerror = (error) => {
        if (error !== wire.errored) onerror.call(ctx, error)
      }
      await answer()
      // The response is ours from here on; an error before left it to Koa.
      ctx.respond = false
    },
  })
}
