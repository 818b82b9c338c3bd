import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/hono'
import { Hono } from 'hono'

/** A fixed number of streams; further clients get a 503 that says when to try again. */
export function createApp(maxConnections = 100): Hono {
  const sse = createSse({ limit: { maxConnections, retryAfterMs: 5_000 } })
  const app = new Hono()
  app.get(
    '/limited-stream',
    sse.handler(async function* ({ signal }) {
      for (let i = 0; i < 100; i += 1) {
        yield `Event ${i}`
        await setTimeout(500, undefined, { signal })
      }
    }),
  )
  return app
}
