import type { EventOf, EventStream } from '@sse/core'
import { rerank, retrieve } from '../retrieval/search.ts'
import { complete, type Model } from './model.ts'

/** The events of an answer: what `POST /chat` streams. */
export type ChatEvents = {
  stage: Stage
  token: { content: string }
  done: { total_tokens: number; sources: number[] }
}

type Stage =
  | { stage: 'retrieval' | 'reranking' | 'generation'; status: 'started' }
  | { stage: 'retrieval'; status: 'completed'; doc_count: number }
  | { stage: 'reranking'; status: 'completed'; top_docs: number; documents: Found[] }
  | { stage: 'generation'; status: 'completed' }

/** A document that the answer is built from. */
type Found = { id: number; title: string }

/** What answering takes. */
export interface ChatOptions {
  readonly model: Model
  /** How long in ms retrieval and reranking take, each. */
  readonly stageDelayMs: number
}

/**
 * Answers one question, in any framework.
 *
 * Every stage gets the signal of the stream. When the client leaves, the stage that is running
 * rejects, and none of those after it begins.
 */
export async function* answer(
  { signal }: EventStream<ChatEvents>,
  question: string,
  { model, stageDelayMs: delayMs }: ChatOptions,
): AsyncGenerator<EventOf<ChatEvents>> {
  yield { event: 'stage', data: { stage: 'retrieval', status: 'started' } }
  const found = await retrieve(question, { signal, delayMs })
  const doc_count = found.length
  yield { event: 'stage', data: { stage: 'retrieval', status: 'completed', doc_count } }

  yield { event: 'stage', data: { stage: 'reranking', status: 'started' } }
  const best = await rerank(question, found, { signal, delayMs })
  const top_docs = best.length
  const documents = best.map(({ id, title }) => ({ id, title }))
  yield { event: 'stage', data: { stage: 'reranking', status: 'completed', top_docs, documents } }

  yield { event: 'stage', data: { stage: 'generation', status: 'started' } }
  let total_tokens = 0
  for await (const content of complete(model, question, best, signal)) {
    total_tokens += 1
    yield { event: 'token', data: { content } }
  }
  yield { event: 'stage', data: { stage: 'generation', status: 'completed' } }

  yield { event: 'done', data: { total_tokens, sources: best.map(({ id }) => id) } }
}
