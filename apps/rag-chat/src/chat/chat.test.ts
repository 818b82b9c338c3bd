import type { EventOf, EventStream } from '@sse/core'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { startSilentApi } from '../test-support/fake-api.ts'
import { answer, type ChatEvents } from './chat.ts'

describe('an answer', () => {
  it.each(['retrieval', 'reranking', 'generation'])('stops in its %s', async (stage) => {
    const abort = new AbortController()
    await using silent = await startSilentApi()
    const model = { client: new OpenAI(silent.api), name: 'silent' }
    const stream = { signal: abort.signal } as EventStream<ChatEvents>
    const events = answer(stream, 'proxies', { model, stageDelayMs: 0 })

    const isStarted = ({ data }: EventOf<ChatEvents>): boolean =>
      'status' in data && data.stage === stage && data.status === 'started'
    while (!isStarted((await events.next()).value)) continue

    abort.abort()
    await expect(events.next()).rejects.toThrow(/abort/i)
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})
