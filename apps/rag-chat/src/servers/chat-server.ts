import type { Server } from 'node:http'
import type { EventOf, EventStream, LimitOptions, SseBase, SseOptions } from '@sse/core'
import type { ChatEvents } from '../chat/chat.ts'

/** What the servers of all three frameworks have in common. */
export interface ChatParts {
  /** Answers a question: the app itself, which knows no framework. */
  readonly answer: (
    stream: EventStream<ChatEvents>,
    question: string,
  ) => AsyncIterable<EventOf<ChatEvents>>
  /** Options of `createSse`, but for the address of a client, which each framework names differently. */
  readonly streams: SseOptions & { readonly limit: LimitOptions }
}

/** The chat in one framework, not listening yet. */
export interface ChatServer {
  readonly name: string
  readonly server: Server
  readonly sse: Pick<SseBase<never, never, never>, 'close' | 'stats'>
}
