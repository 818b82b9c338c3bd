import { createServer } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import type { SseStats } from '@sse/core'
import { type NodeListener, type NodeServer, serve } from '@sse/testing'
import type { WatcherOf } from '../scenarios/scenario.ts'
import type { CreateApp } from './app.ts'
import { canCertify, certificate } from './certificate.ts'
import { createCoreFetchApp } from './core-fetch.ts'
import { createCoreNodeApp } from './core-node.ts'
import { createExpress4App, createExpress5App } from './express.ts'
import { createHonoApp } from './hono.ts'
import { createKoaApp } from './koa.ts'

/** How a server is spoken to: `h2c` is HTTP/2 without TLS, `h2` is negotiated in TLS. */
export type Protocol = 'http/1.1' | 'h2c' | 'h2'

/** A server that runs all scenarios. */
export interface Server {
  readonly url: string
  readonly protocol: Protocol
  stats(): SseStats
  close(): Promise<void>
}

/** One way to serve event streams. */
export interface Adapter {
  readonly name: string
  readonly protocol: Protocol
  start(watcherOf: WatcherOf): Promise<Server>
}

const ADAPTERS: readonly Adapter[] = [
  adapter('core fetch', 'http/1.1', createCoreFetchApp),
  adapter('core node:http', 'http/1.1', createCoreNodeApp),
  adapter('Express 5', 'http/1.1', createExpress5App),
  adapter('Express 4', 'http/1.1', createExpress4App),
  adapter('Hono', 'http/1.1', createHonoApp),
  adapter('Koa', 'http/1.1', createKoaApp),
  adapter('core node:http2', 'h2c', createCoreNodeApp),
  adapter('core node:http2', 'h2', createCoreNodeApp),
  adapter('Hono', 'h2', createHonoApp),
  adapter('Koa', 'h2', createKoaApp),
]

/** The adapters that can be reached with these protocols, on this machine. */
export function adaptersFor(protocols: readonly Protocol[]): readonly Adapter[] {
  return ADAPTERS.filter(({ protocol }) => {
    return protocols.includes(protocol) && (protocol !== 'h2' || canCertify)
  })
}

function adapter(framework: string, protocol: Protocol, createApp: CreateApp): Adapter {
  return {
    name: `${framework}, ${protocol}`,
    protocol,
    async start(watcherOf) {
      const { listener, stats } = createApp(watcherOf)
      return { ...(await serveWith(protocol, listener)), stats }
    },
  }
}

/** Serves any listener with a protocol. */
export async function serveWith(
  protocol: Protocol,
  listener: NodeListener,
): Promise<Omit<Server, 'stats'>> {
  const { url, close } = await serve(createNodeServer(protocol, listener))
  return { url, protocol, close }
}

function createNodeServer(protocol: Protocol, listener: NodeListener): NodeServer {
  if (protocol === 'http/1.1') return createServer(listener)
  // Node's HTTP/2 requests and responses stand in for those of HTTP/1.1; only their types differ.
  if (protocol === 'h2c') return createHttp2Server(listener as never)
  return createSecureServer({ ...certificate(), allowHTTP1: true }, listener as never)
}
