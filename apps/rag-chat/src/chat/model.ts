import type OpenAI from 'openai'
import type { Document } from '../retrieval/documents.ts'

/** A language model that speaks the chat completions API of OpenAI. */
export interface Model {
  readonly client: OpenAI
  /** The name of the model. */
  readonly name: string
}

/**
 * Streams the model's answer to a question, piece by piece.
 *
 * @throws Error if the model fails, or stops before its answer is complete. When the signal aborts, so
 * does the request to the model.
 */
export async function* complete(
  { client, name }: Model,
  question: string,
  documents: readonly Document[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const messages = promptFor(question, documents)
  const body = { model: name, messages, stream: true } as const
  let isFinished = false
  for await (const chunk of await client.chat.completions.create(body, { signal })) {
    const [choice] = chunk.choices
    // The first delta names only the role, and others are empty: nothing for the client.
    if (choice?.delta.content) yield choice.delta.content
    isFinished ||= typeof choice?.finish_reason === 'string'
  }
  // For the SDK a stream that ended too early, or that was aborted, just ends.
  if (!isFinished) throw new Error('The model stopped in the middle of its answer.')
}

function promptFor(
  question: string,
  documents: readonly Document[],
): OpenAI.ChatCompletionMessageParam[] {
  const sources = documents.map(({ id, title, text }) => `[${id}] ${title}: ${text}`)
  const task =
    'Answer in a few sentences, from these documents only. Cite them by number, like [1].'
  return [
    { role: 'system', content: [task, ...sources].join('\n\n') },
    { role: 'user', content: question },
  ]
}
