import type { EndReason } from '@sse/core'
import { connect, type EventStreamConnection, type ReceivedEvent } from '@sse/testing'
import { type Demo, startDemo } from '../demo.ts'
import type { Settings } from '../settings.ts'

export const FRAMEWORKS = ['Express', 'Hono', 'Koa'] as const

/** How long `expect.poll` may take: a machine that runs many tests is slow. */
export const SOON = { timeout: 4_000 }

export const QUESTION = 'What does a heartbeat do for proxies?'

/** A demo that answers fast, and keeps what it would log. */
export interface TestDemo extends AsyncDisposable {
  readonly demo: Demo
  /** What `onError` was told: the log of the server. */
  readonly errors: unknown[]
  /** How the streams of a server ended. */
  endsOf(name: string): EndReason[]
  chat(name: string): Demo['chats'][number]
  /** Asks the server of a framework, and does not wait for the answer. */
  ask(name: string, question?: string): Promise<EventStreamConnection>
}

export async function startTestDemo(settings: Partial<Settings> = {}): Promise<TestDemo> {
  const errors: unknown[] = []
  const ends: { name: string; reason: EndReason }[] = []
  const fast = { stageDelayMs: 0, tokenDelayMs: 0, maxStreamsPerAddress: 100 }
  const local = { host: '127.0.0.1', ports: [0, 0, 0], api: undefined, model: 'demo' } as const
  const demo = await startDemo({ ...local, ...fast, ...settings }, (name) => ({
    onEnd: (reason) => void ends.push({ name, reason }),
    onError: (error) => void errors.push(error),
  }))
  const chat: TestDemo['chat'] = (name) => {
    const found = demo.chats.find((each) => each.name === name)
    if (!found) throw new Error(`There is no chat in ${name}.`)
    return found
  }
  return {
    demo,
    errors,
    chat,
    endsOf: (name) => ends.filter((end) => end.name === name).map(({ reason }) => reason),
    ask: (name, question = QUESTION) =>
      connect(chat(name).url, { path: '/chat', body: { question } }),
    [Symbol.asyncDispose]: () => demo.close(0),
  }
}

/** The text of all tokens together. */
export function textOf(events: readonly ReceivedEvent[]): string {
  return events
    .filter(({ event }) => event === 'token')
    .map((event) => (event.json() as { content: string }).content)
    .join('')
}
