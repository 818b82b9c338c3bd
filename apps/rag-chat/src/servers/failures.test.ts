import type { RequestListener, ServerResponse } from 'node:http'
import type { ReceivedEvent } from '@sse/testing'
import { describe, expect, it } from 'vitest'
import { FAILING_MODEL } from '../model-server/completion.ts'
import type { Settings } from '../settings.ts'
import { chunkOf, startFakeApi } from '../test-support/fake-api.ts'
import { FRAMEWORKS, startTestDemo, textOf } from '../test-support/test-demo.ts'

const MASKED = { event: 'error', data: '{"error":"Internal server error"}' }

/** Asks all three servers, and gives the answers and what was logged. */
async function askAll(
  settings: Partial<Settings>,
): Promise<{ answers: ReceivedEvent[][]; errors: Error[] }> {
  await using demo = await startTestDemo(settings)
  const answers = FRAMEWORKS.map(async (name) => {
    await using connection = await demo.ask(name)
    return await connection.all()
  })
  return { answers: await Promise.all(answers), errors: demo.errors as Error[] }
}

async function askAllWith(
  listener: RequestListener,
): Promise<{ answers: ReceivedEvent[][]; errors: Error[] }> {
  await using model = await startFakeApi(listener)
  return await askAll({ api: model.api })
}

function startAnswer(res: ServerResponse): ServerResponse {
  res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(chunkOf('Half'))
  return res
}

describe('an answer whose model fails', () => {
  it('ends with a masked error when the API is down', { timeout: 20_000 }, async () => {
    const { api } = await closedApi()
    const { answers, errors } = await askAll({ api })
    expectMasked(answers, '')
    expectLogged(errors, /Connection error/)
    expect(errors.map(causes).flat()).toContainEqual(expect.stringMatching(/ECONNREFUSED/))
  })

  it('ends with a masked error when the API refuses the key', async () => {
    const error = { message: 'Incorrect API key: sk-secret', code: 'invalid_api_key' }
    const { answers, errors } = await askAllWith((_req, res) => {
      res.writeHead(401, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }))
    })
    expectMasked(answers, '')
    expectLogged(errors, /401 Incorrect API key: sk-secret/)
  })

  it('keeps its tokens and ends with a masked error when the connection to the API breaks', async () => {
    const started: ServerResponse[] = []
    await using model = await startFakeApi((_req, res) => void started.push(startAnswer(res)))
    await using demo = await startTestDemo({ api: model.api })
    const connections = await Promise.all(FRAMEWORKS.map((name) => demo.ask(name)))
    const begun = await Promise.all(connections.map((connection) => connection.until('token')))
    for (const res of started) res.destroy()
    const rests = await Promise.all(connections.map((connection) => connection.all()))
    expect(begun.map(textOf)).toEqual(['Half', 'Half', 'Half'])
    expect(rests).toMatchObject([[MASKED], [MASKED], [MASKED]])
    expectLogged(demo.errors as Error[], /terminated/)
  })

  it('ends with a masked error when the API ends its stream too early', async () => {
    const { answers, errors } = await askAllWith((_req, res) => void startAnswer(res).end())
    expectMasked(answers, 'Half')
    expectLogged(errors, /stopped in the middle/)
  })

  it('ends with a masked error when the API sends one in its stream', async () => {
    const { answers, errors } = await askAll({ model: FAILING_MODEL })
    expectMasked(answers, 'Proxies close connections')
    const logged = errors.map(({ message }) => message).filter((text) => text.includes('broke'))
    // The model server logs what it throws as well.
    expect(logged).toHaveLength(2 * FRAMEWORKS.length)
  })
})

function expectMasked(answers: readonly ReceivedEvent[][], text: string): void {
  expect(answers).toHaveLength(FRAMEWORKS.length)
  for (const events of answers) {
    expect(events.at(-1)).toMatchObject(MASKED)
    expect(events.filter(({ event }) => event === 'error' || event === 'done')).toHaveLength(1)
    expect(textOf(events)).toBe(text)
  }
}

function expectLogged(errors: readonly Error[], message: RegExp): void {
  expect(errors.map((error) => error.message)).toEqual(
    FRAMEWORKS.map(() => expect.stringMatching(message)),
  )
}

function causes(error: unknown): string[] {
  return error instanceof Error
    ? [`${error.message} ${Object(error).code}`, ...causes(error.cause)]
    : []
}

/** An API that does not listen any more. */
async function closedApi(): Promise<Pick<Settings, 'api'>> {
  await using model = await startFakeApi(() => undefined)
  return { api: model.api }
}
