import { connect } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp, createPipeline } from './rag-chat.ts'

const REQUEST = { path: '/chat/stream', body: { query: 'What is the answer?' } }
const FOREVER_MS = 1_000_000

it('runs every stage, streams the tokens, and names its sources', async () => {
  await using stream = await connect(createApp(createPipeline(1)), REQUEST)
  const events = await stream.until('done')
  const completed = events
    .filter(({ event }) => event === 'stage')
    .map((event) => event.json<{ stage: string; status: string }>())
    .filter(({ status }) => status === 'completed')
  expect(completed.map(({ stage }) => stage)).toEqual(['retrieval', 'reranking', 'generation'])
  const tokens = events.filter(({ event }) => event === 'token')
  const answer = tokens.map((event) => event.json<{ content: string }>().content).join('')
  expect(answer).toBe('Answer to What is the answer? from 3 documents')
  expect(events.at(-1)?.json()).toEqual({ total_tokens: 4, sources: [0, 1, 2] })
})

it('stops the stage that runs when the client leaves, and begins none after it', async () => {
  const pipeline = createPipeline(1)
  const retrieve = vi.fn(createPipeline(FOREVER_MS).retrieve)
  const rerank = vi.fn(pipeline.rerank)
  const stream = await connect(createApp({ ...pipeline, retrieve, rerank }), REQUEST)
  expect((await stream.nextEvent()).json()).toEqual({ stage: 'retrieval', status: 'started' })
  await stream.close()
  await vi.waitFor(
    () => expect(retrieve.mock.settledResults).toMatchObject([{ type: 'rejected' }]),
    { timeout: 5_000 },
  )
  expect(rerank).not.toHaveBeenCalled()
})
