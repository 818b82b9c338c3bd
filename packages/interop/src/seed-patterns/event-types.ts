import { createSse } from '@sse/hono'
import { Hono } from 'hono'

type ChatEvents = {
  stage:
    | { stage: 'retrieval' | 'reranking' | 'generation'; status: 'started' }
    | { stage: 'retrieval'; status: 'completed'; docs_found: number }
    | { stage: 'reranking'; status: 'completed'; top_docs: number }
  token: { content: string }
  done: { total_tokens: number }
}

/** Several event types in one stream, which TypeScript checks one by one. */
export function createApp(): Hono {
  const sse = createSse()
  const app = new Hono()
  app.post(
    '/chat/stream',
    sse.handler<ChatEvents>(async function* (_stream, c) {
      const { query } = await c.req.json<{ query: string }>()
      yield { event: 'stage', data: { stage: 'retrieval', status: 'started' } }
      yield { event: 'stage', data: { stage: 'retrieval', status: 'completed', docs_found: 5 } }
      yield { event: 'stage', data: { stage: 'reranking', status: 'started' } }
      yield { event: 'stage', data: { stage: 'reranking', status: 'completed', top_docs: 3 } }
      yield { event: 'stage', data: { stage: 'generation', status: 'started' } }
      const tokens = ['The', 'answer', 'to', query, 'is', '42']
      for (const content of tokens) yield { event: 'token', data: { content } }
      yield { event: 'done', data: { total_tokens: tokens.length } }
    }),
  )
  return app
}
