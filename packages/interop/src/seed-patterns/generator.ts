import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/express'
import express, { type Express } from 'express'

/** A finite and an endless generator. Both stop, and clean up, when their client leaves. */
export function createApp(log: (line: string) => void, everyMs = 500): Express {
  const sse = createSse()
  const app = express()
  app.get(
    '/stream',
    sse.handler(async function* ({ signal }) {
      try {
        for (let i = 0; i < 100; i += 1) {
          yield `Event ${i}`
          await setTimeout(everyMs, undefined, { signal })
        }
      } finally {
        log('generator cleaned up')
      }
    }),
  )
  app.get(
    '/endless',
    sse.handler(async function* ({ signal }) {
      try {
        for (let i = 0; ; i += 1) {
          yield `Event ${i}`
          await setTimeout(everyMs, undefined, { signal })
        }
      } finally {
        log('endless generator cleaned up')
      }
    }),
  )
  return app
}
