import { createServer } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { createSse } from '@sse/koa'
import Koa from 'koa'
import type { ChatEvents } from '../chat/chat.ts'
import { readQuestion } from '../chat/question.ts'
import { pageFor } from '../page/page.ts'
import type { ChatParts, ChatServer } from './chat-server.ts'
import { errorResponse } from './error-response.ts'

/** The chat in Koa. The handler is that of the other two; only the parsed body is in `ctx.request.body`. */
export function createKoaChat({ answer, streams }: ChatParts): ChatServer {
  const sse = createSse({ ...streams, limit: { ...streams.limit, key: (ctx) => ctx.ip } })
  const app = new Koa()
  const router = new Router()

  router.post(
    '/chat',
    bodyParser({ enableTypes: ['json'], jsonLimit: '100kb' }),
    sse.handler<ChatEvents>((stream, ctx) => answer(stream, readQuestion(ctx.request.body))),
  )
  router.get('/', (ctx) => void (ctx.body = pageFor('Koa')))
  router.get('/stats', (ctx) => void (ctx.body = sse.stats()))

  app.use(async (ctx, next) => {
    await next().catch((error: unknown) => {
      const { status, body } = errorResponse(error)
      ctx.status = status
      ctx.body = body
    })
  })
  app.use(router.routes())
  const listener = app.callback()
  return { name: 'Koa', server: createServer((req, res) => void listener(req, res)), sse }
}
