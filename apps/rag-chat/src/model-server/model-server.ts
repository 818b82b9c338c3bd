import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { SseOptions, SseStats } from '@sse/core'
import { createSse, type Sse } from '@sse/core/node'
import { closeServer, listen } from '../listen.ts'
import { type CompletionRequest, streamCompletion, wholeCompletion } from './completion.ts'

/** Options of {@link startModelServer}. */
export interface ModelServerOptions extends Pick<SseOptions, 'onEnd' | 'onError'> {
  /** How long in ms the model takes for a token. */
  readonly tokenDelayMs: number
}

/** A running model server. */
export interface ModelServer {
  /** What clients take as `baseURL`. */
  readonly url: string
  /** What became of the streams that it was asked for. */
  stats(): SseStats
  /** Breaks off what is still streaming. */
  close(): Promise<void>
}

/**
 * Starts a small stand-in for a language model, with the chat completions API of OpenAI, on a free port
 * that only this machine reaches. It serves every model that it is asked for.
 *
 * @see {@link https://platform.openai.com/docs/api-reference/chat}
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { tokenDelayMs, ...hooks } = options
  const sse = createSse({
    completion: { data: '[DONE]' },
    formatError: () => ({ data: errorBody('The model broke.') }),
    ...hooks,
  })
  const server = createServer((req, res) => {
    serve(sse, tokenDelayMs, req, res).catch((error: unknown) => {
      if (error instanceof SyntaxError) sendError(res, 400, 'The body is not valid JSON.')
      else sendError(res, 500, 'The model server broke.')
    })
  })
  return {
    url: `${await listen(server, '127.0.0.1', 0)}/v1`,
    stats: () => sse.stats(),
    close: () => closeServer(server, sse, { graceMs: 0 }),
  }
}

async function serve(
  sse: Sse,
  tokenDelayMs: number,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const route = `${req.method} ${req.url}`
  if (route === 'GET /v1/stats') return sendJson(res, 200, sse.stats())
  if (route !== 'POST /v1/chat/completions') return sendError(res, 404, `There is no ${route}.`)
  const request = (await json(req)) as CompletionRequest | null
  if (!Array.isArray(request?.messages)) return sendError(res, 400, 'There are no `messages`.')
  if (!request.stream) return sendJson(res, 200, wholeCompletion(request))
  await sse.respond({ req, res }, ({ signal }) =>
    streamCompletion(request, { signal, tokenDelayMs }),
  )
}

function sendError(res: ServerResponse, status: number, message: string): void {
  sendJson(res, status, errorBody(message))
}

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function errorBody(message: string): unknown {
  return { error: { message, type: 'demo_error', param: null, code: null } }
}
