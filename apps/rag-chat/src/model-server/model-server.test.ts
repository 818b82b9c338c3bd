import type { EndReason } from '@sse/core'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SOON } from '../test-support/test-demo.ts'
import { FAILING_MODEL } from './completion.ts'
import { type ModelServer, startModelServer } from './model-server.ts'

const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: '[7] Tea: Tea is hot. Milk is cold.' },
  { role: 'user', content: 'Is tea hot?' },
]

let server: ModelServer
let client: OpenAI
let ends: EndReason[]
let errors: unknown[]

beforeEach(async () => {
  ends = []
  errors = []
  server = await startModelServer({
    tokenDelayMs: 20,
    onEnd: (reason) => void ends.push(reason),
    onError: (error) => void errors.push(error),
  })
  client = new OpenAI({ baseURL: server.url, apiKey: 'any', maxRetries: 0 })
})
afterEach(() => server.close())

function create(model = 'demo'): Promise<AsyncIterable<OpenAI.ChatCompletionChunk>> {
  const stream_options = { include_usage: true }
  return client.chat.completions.create({
    model,
    messages: MESSAGES,
    stream: true,
    stream_options,
  })
}

async function readAll(
  stream: Promise<AsyncIterable<OpenAI.ChatCompletionChunk>>,
): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks = []
  for await (const chunk of await stream) chunks.push(chunk)
  return chunks
}

describe('the model server, asked by the openai SDK', () => {
  it('streams the sentence that is closest to the question', async () => {
    const chunks = await readAll(create())
    const deltas = chunks.map(({ choices }) => choices[0]?.delta.content ?? '')
    expect(deltas.filter(Boolean)).toEqual(['Tea', ' is', ' hot', ' [7].'])
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.at(-1)?.usage).toEqual({
      prompt_tokens: 11,
      completion_tokens: 4,
      total_tokens: 15,
    })
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    await expect.poll(() => ends, SOON).toEqual(['completed'])
  })

  it('ends a stream with [DONE]', async () => {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'demo', messages: MESSAGES, stream: true }),
    })
    expect(await response.text()).toMatch(/\n\ndata: \[DONE\]\n\n$/)
  })

  it('answers in one piece when no stream is asked for', async () => {
    const completion = await client.chat.completions.create({
      model: 'demo',
      messages: MESSAGES,
    })
    expect(completion.choices[0]?.message.content).toBe('Tea is hot [7].')
    expect(completion.choices[0]?.finish_reason).toBe('stop')
  })

  it('sees its client abort', async () => {
    const abort = new AbortController()
    const body = { model: 'demo', messages: MESSAGES, stream: true } as const
    const stream = await client.chat.completions.create(body, { signal: abort.signal })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) abort.abort()
    await expect.poll(() => ends, SOON).toEqual(['client-disconnect'])
    expect(server.stats().ended['client-disconnect']).toBe(1)
    expect(errors).toEqual([])
  })

  it('breaks off an answer of the model that fails', async () => {
    await expect(readAll(create(FAILING_MODEL))).rejects.toThrow('The model broke.')
    expect(errors).toHaveLength(1)
  })

  it('refuses a request without messages', async () => {
    const request = client.post('/chat/completions', { body: { model: 'demo' } })
    await expect(request).rejects.toMatchObject({ status: 400 })
  })

  it('has no other endpoints', async () => {
    await expect(client.models.list()).rejects.toMatchObject({ status: 404 })
  })

  it('counts its streams', async () => {
    await readAll(create())
    const response = await fetch(`${server.url}/stats`)
    expect(await response.json()).toMatchObject({ opened: 1 })
  })
})
