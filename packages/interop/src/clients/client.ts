import type { Protocol, Server } from '../adapters/adapters.ts'
import { createInbox, type Inbox } from '../inbox.ts'
import type { Emit, Happening } from './agent/happening.ts'

/** A program that reads event streams, as the tests see it. */
export interface Client {
  readonly name: string
  readonly protocols: readonly Protocol[]
  /** Whether it comes back by itself after the server ended a stream. */
  readonly reconnects: boolean
  /** When it does so if the server set no reconnection time; 3 s unless told otherwise. */
  readonly reconnectsAfterMs?: number
  /** What it makes of the text of a header, the last event ID among them. */
  readonly headerText: 'latin1' | 'utf-8'
  /** The HTTP version that it asks with, where that does not follow from the protocol. */
  readonly httpVersion?: string
  /** Opens an event stream at a path of the server. */
  open(server: Pick<Server, 'url' | 'protocol'>, path: string, options?: OpenOptions): ClientStream
}

export interface OpenOptions {
  /** Resumes after this event, where the client leaves it to its user. */
  readonly lastEventId?: string
}

/** One event stream in the hands of a client. */
export interface ClientStream {
  /** Takes the next thing that happened, waiting for it if need be. */
  next(matches?: (happening: Happening) => boolean): Promise<Happening>
  /** Leaves, as the user of the client would. */
  close(): void
}

/** Makes a client stream of a function that opens one and says what happens. */
export function openWith(label: string, open: (emit: Emit) => () => void): ClientStream {
  const inbox: Inbox<Happening> = createInbox(label)
  const close = open(inbox.put)
  return { next: inbox.take, close }
}

/** The header that resumes a stream, for clients that leave it to their users. */
export function resumeHeaders({ lastEventId }: OpenOptions = {}): Record<string, string> {
  return lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }
}
