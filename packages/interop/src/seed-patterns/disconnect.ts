import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/hono'
import { Hono } from 'hono'

/** Tells a client that left from a stream that came to its end. */
export function createApp(log: (line: string) => void, everyMs = 500): Hono {
  const sse = createSse({
    onEnd: (reason, { events }) => log(`${reason} after ${events} events`),
  })
  const app = new Hono()
  app.get(
    '/monitored-stream',
    sse.handler(async function* ({ signal }) {
      for (let sent = 0; sent < 100; sent += 1) {
        yield `Event ${sent}`
        await setTimeout(everyMs, undefined, { signal })
      }
    }),
  )
  return app
}
