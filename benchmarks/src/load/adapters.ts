import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { getRequestListener } from '@hono/node-server'
import { createSse as createFetch, type SseBase } from '@sse/core'
import { createSse as createNode } from '@sse/core/node'
import { createSse as createExpress } from '@sse/express'
import { createSse as createHono } from '@sse/hono'
import { createSse as createKoa } from '@sse/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { SOURCES, type SourceName } from './sources.ts'

/** What differs from `createSse` defaults under load. */
export interface LoadOptions {
  readonly sendTimeoutMs?: number
  readonly limit?: { readonly maxConnections: number }
}

/** A server with every source mounted. */
export interface LoadApp {
  readonly server: Server
  readonly sse: Pick<SseBase<unknown, unknown, unknown>, 'stats' | 'close'>
}

const NAMES = Object.keys(SOURCES) as SourceName[]

/** Makes a server, by the name of its adapter. */
export const ADAPTERS: Readonly<Record<string, (options: LoadOptions) => LoadApp>> = {
  'node:http': (options) => nodeApp(options, createServer),
  'node:http2': (options) =>
    nodeApp(options, (listener) => createHttp2Server(listener as never) as unknown as Server),
  fetch: (options) => {
    const sse = createFetch({ ...options, onError: ignore })
    const handlers = byPath((name) => sse.handler(SOURCES[name] as never))
    const answer = (request: Request): Promise<Response> =>
      handlers(new URL(request.url).pathname)(request)
    return { server: listenWith(getRequestListener(answer)), sse }
  },
  express: (options) => {
    const sse = createExpress({ ...options, onError: ignore })
    const app = express()
    for (const name of NAMES) app.get(`/${name}`, sse.handler(SOURCES[name] as never))
    return { server: createServer(app), sse }
  },
  hono: (options) => {
    const sse = createHono({ ...options, onError: ignore })
    const app = new Hono()
    for (const name of NAMES) app.get(`/${name}`, sse.handler(SOURCES[name] as never))
    return { server: listenWith(getRequestListener(app.fetch)), sse }
  },
  koa: (options) => {
    const sse = createKoa({ ...options, onError: ignore })
    const app = new Koa()
    const handlers = byPath((name) => sse.handler(SOURCES[name] as never))
    app.use((ctx) => handlers(ctx.path)(ctx))
    return { server: listenWith(app.callback()), sse }
  },
}

/** Frameworks answer their own errors: what their listeners return never rejects. */
function listenWith(listener: (...args: Parameters<RequestListener>) => Promise<void>): Server {
  return createServer((req, res) => void listener(req, res))
}

function nodeApp(options: LoadOptions, listen: (listener: RequestListener) => Server): LoadApp {
  const sse = createNode({ ...options, onError: ignore })
  const handlers = byPath((name) => sse.handler(SOURCES[name] as never))
  const server = listen((req, res) => {
    handlers(req.url ?? '/')(req, res).catch((error: unknown) => res.destroy(error as Error))
  })
  return { server, sse }
}

function byPath<Handler>(make: (name: SourceName) => Handler): (path: string) => Handler {
  const handlers = new Map(NAMES.map((name) => [`/${name}`, make(name)]))
  return (path) => {
    const handler = handlers.get(path)
    if (handler === undefined) throw new Error(`No source at ${path}`)
    return handler
  }
}

// The errors of the sources are planned.
function ignore(): void {}
