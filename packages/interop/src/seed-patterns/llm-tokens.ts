import { createSse } from '@sse/express'
import express, { type Express } from 'express'
import type OpenAI from 'openai'

type ChatEvents = {
  token: { content: string }
  done: { finished: true }
}

type Completion = AsyncIterable<OpenAI.ChatCompletionChunk>

async function* tokensOf(completion: Completion) {
  let isFinished = false
  for await (const { choices } of completion) {
    // The first delta holds only a role, the last one nothing; a usage chunk has no choices.
    const content = choices[0]?.delta.content
    if (content) yield { event: 'token' as const, data: { content } }
    isFinished ||= typeof choices[0]?.finish_reason === 'string'
  }
  // For the SDK, a response that was cut just ends.
  if (!isFinished) throw new Error('The model stopped in the middle of its answer.')
  yield { event: 'done' as const, data: { finished: true as const } }
}

/** Streams the tokens of a chat completion. A client that leaves stops the model. */
export function createApp(openai: OpenAI, onError: (error: unknown) => void): Express {
  const sse = createSse({ onError })
  const app = express()
  app.use(express.json())

  const ask = (body: { messages: OpenAI.ChatCompletionMessageParam[] }, signal: AbortSignal) =>
    openai.chat.completions.create(
      { model: 'gpt-4o-mini', messages: body.messages, stream: true },
      { signal },
    )

  // The stream is open at once. A model that refuses is an error event.
  app.post(
    '/chat',
    sse.handler<ChatEvents>(async function* ({ signal }, { req }) {
      yield* tokensOf(await ask(req.body, signal))
    }),
  )

  // The stream opens when the model has answered. One that refuses is a status.
  app.post('/checked', async (req, res) => {
    const upstream = new AbortController()
    res.once('close', () => upstream.abort())
    let completion: Completion
    try {
      completion = await ask(req.body, upstream.signal)
    } catch (error) {
      if (upstream.signal.aborted) return
      onError(error)
      return void res.status(502).json({ error: 'The model does not answer.' })
    }
    await sse.respond<ChatEvents>({ req, res }, tokensOf(completion))
  })
  return app
}
