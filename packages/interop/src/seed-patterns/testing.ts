import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/hono'
import { Hono } from 'hono'

/** What the tests beside this file test: the app of the chapter on testing. */
export function createApp(onStopped: () => void = () => undefined): Hono {
  const sse = createSse({ idleTimeoutMs: 100, onError: () => undefined })
  const app = new Hono()
  app.get(
    '/stream',
    sse.handler(async function* ({ signal }) {
      for (let id = 0; id < 5; id += 1) {
        yield { event: 'message', data: { id } }
        await setTimeout(1, undefined, { signal })
      }
      yield { event: 'done', data: { total: 5 } }
    }),
  )
  app.get(
    '/stream-with-errors',
    sse.handler(function* () {
      yield { data: { index: 0 } }
      throw new Error('Simulated error')
    }),
  )
  app.get(
    '/monitored-stream',
    sse.handler(async function* ({ signal }) {
      try {
        for (let i = 0; ; i += 1) {
          yield `Event ${i}`
          await setTimeout(1, undefined, { signal })
        }
      } finally {
        onStopped()
      }
    }),
  )
  app.get(
    '/stream-with-timeout',
    sse.handler(async function* ({ signal }) {
      yield 'Event 0'
      await setTimeout(1_000_000, undefined, { signal })
    }),
  )
  return app
}
