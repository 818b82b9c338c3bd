import { Agent, type Dispatcher, EventSource, fetch, H2CClient } from 'undici'
import type { Server } from '../adapters/adapters.ts'
import { listen } from './agent/listen.ts'
import { readWith } from './agent/read.ts'
import { type Client, openWith, resumeHeaders } from './client.ts'

type Target = Pick<Server, 'url' | 'protocol'>

/** The EventSource of undici. */
export const undiciEventSource: Client = {
  name: 'undici EventSource',
  protocols: ['http/1.1', 'h2'],
  reconnects: true,
  headerText: 'utf-8',
  open: (server, path) =>
    openWith(`undici at ${path}`, (emit) => {
      const dispatcher = dispatcherFor(server)
      return listen(new EventSource(server.url + path, { node: { dispatcher } }), emit)
    }),
}

/** The fetch of undici. */
export const undiciFetch: Client = {
  name: 'undici fetch',
  protocols: ['http/1.1', 'h2', 'h2c'],
  reconnects: false,
  headerText: 'latin1',
  open: (server, path, options) =>
    openWith(`undici at ${path}`, (emit) => {
      const dispatcher = dispatcherFor(server)
      const open = readWith((url, init) => fetch(url, { ...init, dispatcher }))
      return open(server.url + path, resumeHeaders(options), emit)
    }),
}

const overTls = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } })
const overTcp = new Agent()

function dispatcherFor({ url, protocol }: Target): Dispatcher {
  if (protocol === 'h2') return overTls
  return protocol === 'h2c' ? new H2CClient(url) : overTcp
}
