import { createServer, type Http2Server } from 'node:http2'
import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/koa'
import Koa from 'koa'

/**
 * One connection for any number of streams; browsers allow six connections to a server of HTTP/1.1.
 * Browsers speak HTTP/2 over TLS only: `createSecureServer({ key, cert, allowHTTP1: true }, …)`.
 */
export function createHttp2App(): Http2Server {
  const sse = createSse()
  const app = new Koa()
  app.use(
    sse.handler(async function* ({ signal }, ctx) {
      for (let i = 0; i < 100; i += 1) {
        yield { event: 'tick', data: { i, path: ctx.path } }
        await setTimeout(500, undefined, { signal })
      }
    }),
  )
  const answer = app.callback()
  return createServer((req, res) => void answer(req, res))
}
