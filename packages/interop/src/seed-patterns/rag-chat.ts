import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/express'
import express, { type Express } from 'express'

type ChatEvents = {
  stage: { stage: string; status: 'started' } | { stage: string; status: 'completed'; docs: number }
  token: { content: string }
  done: { total_tokens: number; sources: number[] }
}

interface Doc {
  readonly id: number
}

/** The expensive steps. Each gets the signal, so that a client that leaves stops the one that runs. */
export interface Pipeline {
  retrieve(query: string, signal: AbortSignal): Promise<Doc[]>
  rerank(docs: Doc[], signal: AbortSignal): Promise<Doc[]>
  generate(query: string, docs: Doc[], signal: AbortSignal): AsyncIterable<string>
}

/** Takes no database and no model, but as long as they would. */
export function createPipeline(delayMs = 100): Pipeline {
  return {
    async retrieve(_query, signal) {
      await setTimeout(delayMs, undefined, { signal })
      return [0, 1, 2, 3, 4].map((id) => ({ id }))
    },
    async rerank(docs, signal) {
      await setTimeout(delayMs, undefined, { signal })
      return docs.slice(0, 3)
    },
    async *generate(query, docs, signal) {
      for (const token of ['Answer', ' to ', query, ` from ${docs.length} documents`]) {
        await setTimeout(delayMs, undefined, { signal })
        yield token
      }
    },
  }
}

/** Retrieval, reranking and generation in one stream. */
export function createApp(pipeline: Pipeline): Express {
  const sse = createSse()
  const app = express()
  app.use(express.json())
  app.post(
    '/chat/stream',
    sse.handler<ChatEvents>(async function* ({ signal }, { req }) {
      const { query } = req.body as { query: string }

      yield { event: 'stage', data: { stage: 'retrieval', status: 'started' } }
      const found = await pipeline.retrieve(query, signal)
      yield {
        event: 'stage',
        data: { stage: 'retrieval', status: 'completed', docs: found.length },
      }

      yield { event: 'stage', data: { stage: 'reranking', status: 'started' } }
      const best = await pipeline.rerank(found, signal)
      yield { event: 'stage', data: { stage: 'reranking', status: 'completed', docs: best.length } }

      yield { event: 'stage', data: { stage: 'generation', status: 'started' } }
      let total_tokens = 0
      for await (const content of pipeline.generate(query, best, signal)) {
        yield { event: 'token', data: { content } }
        total_tokens += 1
      }
      yield {
        event: 'stage',
        data: { stage: 'generation', status: 'completed', docs: best.length },
      }
      yield { event: 'done', data: { total_tokens, sources: best.map(({ id }) => id) } }
    }),
  )
  return app
}
