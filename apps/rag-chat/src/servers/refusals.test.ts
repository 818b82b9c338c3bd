import { connect } from '@sse/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FRAMEWORKS, SOON, startTestDemo, type TestDemo } from '../test-support/test-demo.ts'

let demo: TestDemo
beforeAll(async () => {
  demo = await startTestDemo()
})
afterAll(() => demo[Symbol.asyncDispose]())

async function post(name: string, body: string, type = 'application/json'): Promise<unknown> {
  const response = await fetch(`${demo.chat(name).url}/chat`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  })
  return { status: response.status, ...((await response.json()) as object) }
}

function refusal(status: number, code: string, message: string): unknown {
  return { status, error: { code, message: expect.stringContaining(message) } }
}

const NOTHING = '`question` must be a string that is not empty, got none. Send {"question": '

describe.each(FRAMEWORKS)('%s, before a stream begins', (name) => {
  it.each([
    ['no body', '', 'text/plain', 'invalid-question', NOTHING],
    ['text', 'What is a heartbeat?', 'text/plain', 'invalid-question', NOTHING],
    ['broken JSON', '{"question":', 'application/json', 'invalid-json', 'must be a JSON object.'],
    ['no question', '{"query":"?"}', 'application/json', 'invalid-question', NOTHING],
    ['a list', '[]', 'application/json', 'invalid-question', NOTHING],
    ['a number', '{"question":42}', 'application/json', 'invalid-question', 'got 42.'],
    ['white space', '{"question":" "}', 'application/json', 'invalid-question', 'white space.'],
  ])('refuses %s with 400', async (_what, body, type, code, message) => {
    expect(await post(name, body, type)).toEqual(refusal(400, code, message))
  })

  it('answers the longest question, and refuses a longer one with 400', async () => {
    await using connection = await demo.ask(name, 'x'.repeat(2_000))
    expect((await connection.all()).at(-1)?.event).toBe('done')
    expect(await post(name, JSON.stringify({ question: 'x'.repeat(2_001) }))).toEqual(
      refusal(
        400,
        'invalid-question',
        'not be longer than 2000 characters, got 2001. Ask a shorter',
      ),
    )
  })

  it('refuses a body that is too large with 413', async () => {
    expect(await post(name, JSON.stringify({ question: 'x'.repeat(200_000) }))).toEqual(
      refusal(413, 'body-too-large', 'must not be larger than 100 kB.'),
    )
  })

  it('gives back the slot of a question that it refuses', async () => {
    await post(name, '{}')
    expect(demo.chat(name).sse.stats().active).toBe(0)
  })

  it('refuses the streams of one address above the limit with 429', async () => {
    await using limited = await startTestDemo({ maxStreamsPerAddress: 1, stageDelayMs: 50_000 })
    const first = await limited.ask(name)
    await first.take(1)
    await using second = await limited.ask(name)
    expect(second.response.status).toBe(429)
    expect(second.response.headers.get('Retry-After')).toMatch(/^\d+$/)

    await first.close()
    await expect.poll(() => limited.chat(name).sse.stats().active, SOON).toBe(0)
    await using third = await limited.ask(name)
    expect((await third.nextEvent()).event).toBe('stage')
  })

  it('counts at /stats', async () => {
    await using connection = await connect(demo.chat(name).url, { path: '/stats' })
    expect(JSON.parse(await connection.response.text())).toMatchObject({ active: 0, queued: 0 })
  })
})
