import { SECRET } from './ends.ts'
import { aborted, type Scenario } from './scenario.ts'

interface ChatRequest {
  model: string
  messages: { role: string; content: string }[]
}

/**
 * Chat completions as the OpenAI API streams them, with what the SDK has to overlook in between. The prompt
 * says what to do: `fail` breaks off, `endless` goes on until the client leaves, anything else comes back.
 */
export const completions: Scenario = {
  options: { heartbeatMs: 5, retryMs: 1_000, completion: '[DONE]', onError: () => undefined },
  async *run(stream, watcher, visit) {
    const { model, messages } = (await visit.json()) as ChatRequest
    const prompt = messages.at(-1)?.content ?? ''
    yield chunk(model, { role: 'assistant', content: '' })
    await watcher.released(stream.signal)
    if (prompt === 'fail') throw new Error(SECRET)
    yield { comment: 'data: {"choices":[{"delta":{"content":"smuggled"}}]}' }
    yield { retry: 2_000 }
    for (const word of prompt.split(' ')) yield chunk(model, { content: `${word} ` })
    if (prompt === 'endless') await aborted(stream.signal)
    yield chunk(model, {}, 'stop')
  },
}

/** The same with room for one, which tells the others to come back in a second. */
export const fullCompletions: Scenario = {
  ...completions,
  options: { ...completions.options, limit: { maxConnections: 1, retryAfterMs: 1 } },
}

function chunk(
  model: string,
  delta: object,
  finish_reason: string | null = null,
): { data: object } {
  const choices = [{ index: 0, delta, finish_reason }]
  return { data: { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices } }
}
