import { createSse } from '@sse/koa'
import Koa from 'koa'

/** Every form that an event can have. */
export function createApp(message: string): Koa {
  const sse = createSse()
  const app = new Koa()
  app.use(
    sse.handler(function* () {
      yield message
      yield { event: 'token', data: message }
      yield { event: 'update', id: 'update-7', data: { message }, retry: 5_000 }
      yield { comment: 'for whoever reads the bytes' }
    }),
  )
  return app
}
