import { EventSourceParserStream } from 'eventsource-parser/stream'
import { describe, expect, it } from 'vitest'
import { FRAMEWORKS, QUESTION, startTestDemo, textOf } from '../test-support/test-demo.ts'

const ANSWER =
  'Proxies close connections that carry no bytes for 30 or 60 seconds, and heartbeats keep them open [4].' +
  ' A proxy that buffers a response holds events back until its buffer is full [5].'
const DOCUMENTS = [
  { id: 4, title: 'Heartbeats' },
  { id: 5, title: 'Proxies that buffer' },
]

describe.each(FRAMEWORKS)('an answer of %s', (name) => {
  it('is the stages, the tokens and done, in this order', async () => {
    await using demo = await startTestDemo()
    await using connection = await demo.ask(name)
    const events = await connection.all()

    const types = events.map(({ event }) => event)
    const tokens = types.filter((type) => type === 'token')
    const stages = Array.from({ length: 5 }, () => 'stage')
    expect(types).toEqual([...stages, ...tokens, 'stage', 'done'])
    expect(events.filter(({ event }) => event !== 'token').map((event) => event.json())).toEqual([
      { stage: 'retrieval', status: 'started' },
      { stage: 'retrieval', status: 'completed', doc_count: 3 },
      { stage: 'reranking', status: 'started' },
      { stage: 'reranking', status: 'completed', top_docs: 2, documents: DOCUMENTS },
      { stage: 'generation', status: 'started' },
      { stage: 'generation', status: 'completed' },
      { total_tokens: tokens.length, sources: [4, 5] },
    ])
    expect(textOf(events)).toBe(ANSWER)
    expect(await connection.ended()).toBe('completed')
    expect(demo.errors).toEqual([])
  })

  it('is read by fetch and eventsource-parser', async () => {
    await using demo = await startTestDemo()
    const response = await fetch(`${demo.chat(name).url}/chat`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ question: QUESTION }),
    })
    let text = ''
    let last: string | undefined
    const events = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ onError: 'terminate' }))
    for await (const { event, data } of events ?? []) {
      if (event === 'token') text += JSON.parse(data).content
      last = event
    }
    expect(response.headers.get('Content-Type')).toMatch(/^text\/event-stream\b/)
    expect(text).toBe(ANSWER)
    expect(last).toBe('done')
  })

  it('begins while the model still writes', async () => {
    await using demo = await startTestDemo({ tokenDelayMs: 100 })
    await using connection = await demo.ask(name)
    await connection.until('token')
    expect(demo.demo.modelServer?.stats()).toMatchObject({ active: 1, ended: { completed: 0 } })
  })

  it('says so when no document fits', async () => {
    await using demo = await startTestDemo()
    await using connection = await demo.ask(name, 'Will it rain?')
    const events = await connection.until('done')
    expect(textOf(events)).toBe('The documents say nothing about that.')
    expect(events.at(-1)?.json()).toMatchObject({ sources: [] })
  })
})
