import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { createSse } from '@sse/hono'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { validator } from 'hono/validator'
import type { ChatEvents } from '../chat/chat.ts'
import { readQuestion } from '../chat/question.ts'
import { pageFor } from '../page/page.ts'
import type { ChatParts, ChatServer } from './chat-server.ts'
import { errorResponse } from './error-response.ts'

interface Env {
  Variables: { body: unknown }
}

/** The chat in Hono. The handler is that of the other two; only the parsed body is in `c.var.body`. */
export function createHonoChat({ answer, streams }: ChatParts): ChatServer {
  const key = (c: Context<Env>): string | undefined => getConnInfo(c).remote.address
  const sse = createSse<Env>({ ...streams, limit: { ...streams.limit, key } })
  const app = new Hono<Env>()

  app.post(
    '/chat',
    bodyLimit({ maxSize: 100 * 1024 }),
    validator('json', (body, c: Context<Env>) => c.set('body', body)),
    sse.handler<ChatEvents>((stream, c) => answer(stream, readQuestion(c.var.body))),
  )
  app.get('/', (c) => c.html(pageFor('Hono')))
  app.get('/stats', (c) => c.json(sse.stats()))

  app.onError((error, c) => {
    const { status, body } = errorResponse(error)
    return c.json(body, status)
  })
  return { name: 'Hono', server: createAdaptorServer(app) as Server, sse }
}
