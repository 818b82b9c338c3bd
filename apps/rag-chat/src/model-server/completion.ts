import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { ServerSentEvent } from '@sse/core'
import type OpenAI from 'openai'
import { answerTokens, countTokens, type Message } from './answer.ts'

/** Ask for this model to see what becomes of an error in the middle of an answer. */
export const FAILING_MODEL = 'demo-fails'

const TOKENS_BEFORE_FAILURE = 3
const TOKENS_BETWEEN_EMPTY_DELTAS = 10

type Chunk = OpenAI.ChatCompletionChunk

/** The body of a request, as far as the demo model reads it. */
export interface CompletionRequest {
  readonly model: string
  readonly messages: readonly Message[]
  readonly stream?: boolean | null
  readonly stream_options?: { readonly include_usage?: boolean } | null
}

/** How the demo model streams. */
export interface StreamingOptions {
  /** Stops the model. */
  readonly signal: AbortSignal
  /** How long in ms the model takes for a token. */
  readonly tokenDelayMs: number
}

/**
 * The events of a streamed completion, as OpenAI's: first a delta with the role, empty ones in between,
 * the reason for the end, and the usage if it was asked for. `[DONE]` is left to the server.
 */
export async function* streamCompletion(
  request: CompletionRequest,
  { signal, tokenDelayMs }: StreamingOptions,
): AsyncGenerator<ServerSentEvent> {
  const tokens = answerTokens(request.messages)
  const chunk = chunksOf(request)
  yield chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }])
  for (const [index, content] of tokens.entries()) {
    await setTimeout(tokenDelayMs, undefined, { signal })
    if (request.model === FAILING_MODEL && index === TOKENS_BEFORE_FAILURE) {
      throw new Error('The model broke.')
    }
    yield chunk([{ index: 0, delta: { content }, finish_reason: null }])
    if (index % TOKENS_BETWEEN_EMPTY_DELTAS === 0) {
      yield chunk([{ index: 0, delta: {}, finish_reason: null }])
    }
  }
  yield chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
  if (request.stream_options?.include_usage) yield chunk([], usageOf(request, tokens))
}

/** The same completion in one piece. */
export function wholeCompletion(request: CompletionRequest): OpenAI.ChatCompletion {
  const tokens = answerTokens(request.messages)
  const message = { role: 'assistant', content: tokens.join(''), refusal: null } as const
  return {
    ...identityOf(request),
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
    usage: usageOf(request, tokens),
  }
}

/** Makes the chunks of one completion: all of them have the same id. */
function chunksOf(
  request: CompletionRequest,
): (choices: Chunk['choices'], usage?: OpenAI.CompletionUsage) => { data: Chunk } {
  const common = { ...identityOf(request), object: 'chat.completion.chunk' } as const
  return (choices, usage) => ({ data: { ...common, choices, ...(usage && { usage }) } })
}

function identityOf({ model }: CompletionRequest): { id: string; created: number; model: string } {
  return { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model }
}

function usageOf(
  { messages }: CompletionRequest,
  tokens: readonly string[],
): OpenAI.CompletionUsage {
  const prompt_tokens = countTokens(messages)
  const completion_tokens = tokens.length
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
