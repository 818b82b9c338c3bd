import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/express'
import express, { type Express } from 'express'

/** Ends streams whose client takes nothing, and streams whose source has nothing to say. */
export function createApp(
  log: (line: string) => void,
  { sendTimeoutMs = 30_000, idleTimeoutMs = 30_000, everyMs = 500 } = {},
): Express {
  const sse = createSse({ sendTimeoutMs, onEnd: (reason) => log(reason) })
  const app = express()
  // The client's fault: what was written does not leave for `sendTimeoutMs`.
  app.get(
    '/stream-with-timeout',
    sse.handler(async function* ({ signal }) {
      for (let i = 0; i < 1_000; i += 1) {
        yield `Event ${i} ${'.'.repeat(100_000)}`
        await setTimeout(everyMs, undefined, { signal })
      }
    }),
  )
  // The source's fault: no event for `idleTimeoutMs`, though heartbeats go out.
  app.get(
    '/idle',
    sse.handler(
      async function* ({ signal }) {
        yield 'Waiting for news'
        await setTimeout(1_000_000, undefined, { signal })
      },
      { idleTimeoutMs },
    ),
  )
  return app
}
