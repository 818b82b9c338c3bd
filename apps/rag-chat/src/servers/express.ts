import { createServer } from 'node:http'
import { createSse } from '@sse/express'
import express, { type NextFunction, type Request, type Response } from 'express'
import type { ChatEvents } from '../chat/chat.ts'
import { readQuestion } from '../chat/question.ts'
import { pageFor } from '../page/page.ts'
import type { ChatParts, ChatServer } from './chat-server.ts'
import { errorResponse } from './error-response.ts'

/** The chat in Express. The handler is that of the other two; only the parsed body is in `req.body`. */
export function createExpressChat({ answer, streams }: ChatParts): ChatServer {
  const sse = createSse({ ...streams, limit: { ...streams.limit, key: ({ req }) => req.ip } })
  const app = express()

  app.post(
    '/chat',
    express.json({ limit: '100kb' }),
    sse.handler<ChatEvents>((stream, { req }) => answer(stream, readQuestion(req.body))),
  )
  app.get('/', (_req, res) => void res.type('html').send(pageFor('Express')))
  app.get('/stats', (_req, res) => void res.json(sse.stats()))

  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error)
    const { status, body } = errorResponse(error)
    res.status(status).json(body)
  })
  return { name: 'Express', server: createServer(app), sse }
}
