import type { Server } from '../adapters/adapters.ts'
import type { Command, Message } from './agent/agent.ts'
import type { Emit } from './agent/happening.ts'
import { type Client, type ClientStream, openWith, resumeHeaders } from './client.ts'

/** Hands commands to agents and their messages to the streams that they belong to. */
export interface AgentHost {
  /** Called with what the agents say. */
  receive(message: Message): void
  /** Opens an event stream with one of the things that the agents can do that with. */
  open(
    kind: string,
    server: Pick<Server, 'url'>,
    path: string,
    headers?: Record<string, string>,
  ): ClientStream
  /** Makes a client of what the agents can open event streams with. */
  client(kind: string, traits: Omit<Client, 'open'>): Client
}

/**
 * @param send - Hands a command to the agent for a server, in order.
 */
export function createAgentHost(
  send: (command: Command, server: Pick<Server, 'url'>) => void,
): AgentHost {
  const streams = new Map<number, Emit>()
  let count = 0
  const open: AgentHost['open'] = (kind, server, path, headers = {}) =>
    openWith(`${kind} at ${path}`, (emit) => {
      count += 1
      const id = count
      streams.set(id, emit)
      send({ type: 'open', id, kind, url: server.url + path, headers }, server)
      return () => {
        send({ type: 'close', id }, server)
        streams.delete(id)
      }
    })
  return {
    receive: ({ id, happening }) => streams.get(id)?.(happening),
    open,
    client: (kind, traits) => ({
      ...traits,
      open: (server, path, options) => open(kind, server, path, resumeHeaders(options)),
    }),
  }
}
