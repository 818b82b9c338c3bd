import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/koa'
import Koa from 'koa'

/** A database connection, a file handle, a subscription. */
export interface Resource {
  read(index: number): string
  close(): void
}

/** Releases what a stream uses, however it ends. */
export function createApp(openResource: () => Resource, everyMs = 500): Koa {
  const sse = createSse({ onError: () => undefined })
  const app = new Koa()
  app.use(
    sse.handler(async function* ({ signal }) {
      const resource = openResource()
      try {
        for (let i = 0; i < 100; i += 1) {
          yield resource.read(i)
          await setTimeout(everyMs, undefined, { signal })
        }
      } finally {
        resource.close()
      }
    }),
  )
  return app
}
