import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/express'
import express, { type Express } from 'express'

/** How many streams are open, and what became of the others. */
export function createApp(): Express {
  const sse = createSse()
  const app = express()
  app.get(
    '/stream',
    sse.handler(async function* ({ signal }) {
      for (let i = 0; i < 100; i += 1) {
        yield `Event ${i}`
        await setTimeout(500, undefined, { signal })
      }
    }),
  )
  app.get('/stats', (_req, res) => void res.json(sse.stats()))
  return app
}
