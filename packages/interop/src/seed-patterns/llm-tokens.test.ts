import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Served, serve } from '@sse/testing'
import OpenAI from 'openai'
import { afterEach, expect, it } from 'vitest'
import { createApp } from './llm-tokens.ts'

const BODY = { messages: [{ role: 'user', content: 'Hello?' }] }
const SECRET = 'quota of org-1234 is used up'

let model: Served | undefined
afterEach(() => model?.close())

/** An app whose model is answered for by `upstream`, in the protocol of OpenAI. */
async function startChat(upstream: (req: IncomingMessage, res: ServerResponse) => void) {
  model = await serve(upstream)
  const openai = new OpenAI({ baseURL: `${model.url}/v1`, apiKey: 'any', maxRetries: 0 })
  const reported: unknown[] = []
  return { app: createApp(openai, (error) => void reported.push(error)), reported }
}

function chunk(choices: unknown[]): string {
  const common = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm' }
  return `data: ${JSON.stringify({ ...common, choices })}\n\n`
}

function delta(content: Record<string, unknown>): string {
  return chunk([{ index: 0, delta: content, finish_reason: null }])
}

const LAST_DELTA = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
const END = `${LAST_DELTA}${chunk([])}data: [DONE]\n\n`

it('sends a token for each delta that has text, then done', async () => {
  const { app } = await startChat((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.write(delta({ role: 'assistant', content: '' }))
    res.write(delta({ content: 'Hel' }) + delta({}) + delta({ content: 'lo\n' }))
    res.end(END)
  })
  await using stream = await connect(app, { path: '/chat', body: BODY })
  const events = await stream.all()
  expect(events.map((event) => [event.event, event.json()])).toEqual([
    ['token', { content: 'Hel' }],
    ['token', { content: 'lo\n' }],
    ['done', { finished: true }],
  ])
})

it('sends a token before the model has the next one', async () => {
  let goOn = (): void => undefined
  const { app } = await startChat((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.write(delta({ content: 'first' }))
    goOn = () => res.end(delta({ content: 'second' }) + END)
  })
  await using stream = await connect(app, { path: '/chat', body: BODY })
  expect((await stream.nextEvent()).json()).toEqual({ content: 'first' })
  goOn()
  expect((await stream.nextEvent()).json()).toEqual({ content: 'second' })
})

it('stops the model when the client leaves', async () => {
  let stopped: Promise<unknown> | undefined
  const { app, reported } = await startChat((_req, res) => {
    stopped = once(res, 'close')
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.write(delta({ content: 'and so on' }))
  })
  const stream = await connect(app, { path: '/chat', body: BODY })
  await stream.nextEvent()
  await stream.close()
  await stopped
  expect(reported).toEqual([])
})

it('tells the client nothing of what the model complains about', async () => {
  const { app, reported } = await startChat((_req, res) => {
    res.writeHead(429, { 'Content-Type': 'application/json' })
    res.end(JSON.stringify({ error: { message: SECRET } }))
  })
  await using stream = await connect(app, { path: '/chat', body: BODY })
  const events = await stream.all()
  expect(events.map((event) => [event.event, event.json()])).toEqual([
    ['error', { error: 'Internal server error' }],
  ])
  expect(stream.text).not.toContain(SECRET)
  expect(String(reported[0])).toContain(SECRET)
})

it('says error, not done, when the model is cut off', async () => {
  const { app, reported } = await startChat((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.end(delta({ content: 'and so' }))
  })
  await using stream = await connect(app, { path: '/chat', body: BODY })
  expect((await stream.all()).map(({ event }) => event)).toEqual(['token', 'error'])
  expect(String(reported[0])).toContain('in the middle of its answer')
})

it('answers with a status when it waits for the model and the model refuses', async () => {
  const { app, reported } = await startChat((_req, res) => {
    res.writeHead(429, { 'Content-Type': 'application/json' })
    res.end(JSON.stringify({ error: { message: SECRET } }))
  })
  await using stream = await connect(app, { path: '/checked', body: BODY })
  expect(stream.response.status).toBe(502)
  expect(await stream.response.json()).toEqual({ error: 'The model does not answer.' })
  expect(String(reported[0])).toContain(SECRET)
})

it.each(['before the model answers', 'in the middle of the answer'])(
  'stops the model when the client leaves %s, also where it waited for it',
  async (when) => {
    const model = new EventEmitter<{ asked: [ServerResponse] }>()
    const asked = once(model, 'asked') as Promise<[ServerResponse]>
    const { app, reported } = await startChat((_req, res) => void model.emit('asked', res))
    await using server = await serve(app)
    const leaving = new AbortController()
    const request = connect(`${server.url}/checked`, { body: BODY, signal: leaving.signal })
    const [upstream] = await asked
    const stopped = once(upstream, 'close')
    if (when.startsWith('in')) {
      upstream.writeHead(200, { 'Content-Type': 'text/event-stream' })
      upstream.write(delta({ content: 'and so on' }))
      await (await request).nextEvent()
      leaving.abort()
    } else {
      leaving.abort()
      await expect(request).rejects.toThrow()
    }
    await stopped
    expect(reported).toEqual([])
  },
)

it('streams what it waited for', async () => {
  const { app } = await startChat((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.end(delta({ content: 'Hello' }) + END)
  })
  await using stream = await connect(app, { path: '/checked', body: BODY })
  expect((await stream.all()).map(({ event }) => event)).toEqual(['token', 'done'])
})
