import type { SseOptions } from '@sse/core'
import OpenAI from 'openai'
import { answer } from './chat/chat.ts'
import { closeServer, listen } from './listen.ts'
import { type ModelServer, startModelServer } from './model-server/model-server.ts'
import type { ChatParts, ChatServer } from './servers/chat-server.ts'
import { createExpressChat } from './servers/express.ts'
import { createHonoChat } from './servers/hono.ts'
import { createKoaChat } from './servers/koa.ts'
import type { Settings } from './settings.ts'

/** What the demo tells about the event streams of one of its servers. */
export type DemoHooks = Pick<SseOptions, 'onEnd' | 'onError'>

/** The demo, as it runs. */
export interface Demo {
  /** The chat in each framework, and where it listens. */
  readonly chats: readonly (ChatServer & { readonly url: string })[]
  /** The model server, unless there is another one to ask. */
  readonly modelServer: ModelServer | undefined
  /** Ends all streams, within `graceMs`, and then the servers. */
  close(graceMs: number): Promise<void>
}

/** Starts the chat in all three frameworks, and a model server if there is none to ask. */
export async function startDemo(
  settings: Settings,
  hooksFor: (name: string) => DemoHooks = () => ({}),
): Promise<Demo> {
  const { host, ports, api, tokenDelayMs } = settings
  const modelServer = api
    ? undefined
    : await startModelServer({ tokenDelayMs, ...hooksFor('Model') })
  const servers = createServers(settings, hooksFor, modelServer)
  const close: Demo['close'] = async (graceMs) => {
    const event = { event: 'error', data: { error: 'The server is shutting down.' } }
    await Promise.all(
      servers.map(({ server, sse }) => closeServer(server, sse, { graceMs, event })),
    )
    await modelServer?.close()
  }
  try {
    const chats = servers.map(async (chat, index) => ({
      ...chat,
      url: await listen(chat.server, host, ports[index] ?? 0),
    }))
    return { chats: await Promise.all(chats), modelServer, close }
  } catch (error) {
    await close(0)
    throw error
  }
}

function createServers(
  settings: Settings,
  hooksFor: (name: string) => DemoHooks,
  modelServer: ModelServer | undefined,
): ChatServer[] {
  const { api, model, stageDelayMs } = settings
  // The key of a real account stays at home.
  const client = new OpenAI(api ?? { baseURL: modelServer?.url, apiKey: 'demo' })
  const parts = (name: string): ChatParts => ({
    answer: (stream, question) =>
      answer(stream, question, { model: { client, name: model }, stageDelayMs }),
    streams: { ...streamOptions(settings), ...hooksFor(name) },
  })
  return [
    createExpressChat(parts('Express')),
    createHonoChat(parts('Hono')),
    createKoaChat(parts('Koa')),
  ]
}

function streamOptions({ maxStreamsPerAddress }: Settings): ChatParts['streams'] {
  return {
    heartbeatMs: 15_000,
    // No answer takes that long: something hangs.
    maxDurationMs: 300_000,
    limit: { maxConnections: 1_000, maxConnectionsPerKey: maxStreamsPerAddress, maxQueued: 100 },
  }
}
