import type { SseBase, SseOptions } from '@sse/core'
import { createNodeSse } from '@sse/core/node'
import type { Request, RequestHandler, Response } from 'express'

/**
 * What event handlers get as their second argument, and `respond` as its first.
 *
 * @public
 */
export interface ExpressContext {
  /** Express' request, with what middleware put there: `body`, `params`, `user`. */
  readonly req: Request
  /** Express' response. */
  readonly res: Response
}

/**
 * Event streams of an Express app.
 *
 * @public
 */
export type Sse = SseBase<ExpressContext, RequestHandler, void>

/**
 * Makes the event streams of one Express app, version 4 or 5. Errors before the head go to `next`.
 *
 * @param options - Defaults of all routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import express from 'express'
 *
 * const sse = createSse({ limit: { maxConnections: 1_000 } })
 * const app = express()
 *
 * app.get('/ticks', sse.handler(async function* (stream, { req }) {
 *   for (let tick = 1; !stream.signal.aborted; tick += 1) {
 *     yield { event: 'tick', data: { tick, topic: req.query.topic } }
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
export function createSse(options: SseOptions<ExpressContext> = {}): Sse {
  return createNodeSse(
    options,
    (answer) => (req, res, next) => {
      const answered = answer({ req, res })
      // Not called by Express, so with nothing but a promise to tell the caller of an error.
      if (typeof next !== 'function') return answered
      answered.catch(next)
    },
    {
      help: {
        rule: "`@sse/express` needs Express' request and response",
        fix: '`respond()` takes `{ req, res }` as one argument.',
      },
    },
  )
}
