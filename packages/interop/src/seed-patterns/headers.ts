import { createSse } from '@sse/express'
import express, { type Express } from 'express'

/** Ten messages, with all the headers that an event stream needs. */
export function createApp(): Express {
  const sse = createSse()
  const app = express()
  app.get(
    '/stream',
    sse.handler(function* () {
      for (let i = 0; i < 10; i += 1) yield `Message ${i}`
    }),
  )
  return app
}
