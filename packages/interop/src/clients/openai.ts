import OpenAI from 'openai'
import type { Emit } from './agent/happening.ts'
import { type Client, openWith } from './client.ts'

/**
 * The SDK of OpenAI for JavaScript: posts the parameter `prompt` of the path as a chat, and tells the content
 * of each chunk of the answer.
 */
export const openai: Client = {
  name: 'openai for JavaScript',
  protocols: ['http/1.1'],
  reconnects: false,
  headerText: 'latin1',
  open: (server, path) =>
    openWith(`openai at ${path}`, (emit) => {
      const controller = new AbortController()
      const { signal } = controller
      complete(server.url + path, signal, emit).catch((error: unknown) => {
        if (!signal.aborted) emit({ type: 'failed', why: String(error) })
      })
      return () => controller.abort()
    }),
}

async function complete(url: string, signal: AbortSignal, emit: Emit): Promise<void> {
  const { origin, pathname, searchParams } = new URL(url)
  const client = new OpenAI({
    apiKey: 'none',
    baseURL: origin + pathname.replace('/chat/completions', ''),
    defaultQuery: Object.fromEntries(searchParams),
    // The tests decide how long there is no room for it.
    maxRetries: 20,
  })
  const chunks = await client.chat.completions.create(
    {
      model: 'test',
      messages: [{ role: 'user', content: searchParams.get('prompt') ?? '' }],
      stream: true,
    },
    { signal },
  )
  emit({ type: 'open' })
  for await (const { choices } of chunks) {
    emit({ type: 'event', event: 'message', data: choices[0]?.delta.content ?? '', id: '' })
  }
  emit({ type: 'end' })
}
