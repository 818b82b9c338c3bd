import { createServer, type RequestListener, type Server } from 'node:http'
import { fastifySSE } from '@fastify/sse'
import { getRequestListener } from '@hono/node-server'
import { createSession } from 'better-sse'
import fastify from 'fastify'
import { createHandler } from 'graphql-sse/lib/use/http'
import { createEventStream, H3, toNodeHandler } from 'h3'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { tokens } from './tokens.ts'

/** Its `iterate` has no way to give ids: it makes random ones. */
export function startBetterSseIterate(events: number): Server {
  return listenWith(async (req, res) => {
    const session = await createSession(req, res, { serializer: String })
    await session.iterate(dataOf(events), { eventName: 'token' })
    res.end()
  })
}

/** Its `push` has no way to wait for the client. */
export function startBetterSsePush(events: number): Server {
  return listenWith(async (req, res) => {
    const session = await createSession(req, res, { serializer: String })
    for await (const { event, id, data } of tokens(events)) session.push(data, event, id)
    res.end()
  })
}

export function startH3(events: number): Server {
  const app = new H3().get('/', (event) => {
    const stream = createEventStream(event)
    const push = async (): Promise<void> => {
      for await (const token of tokens(events)) await stream.push(token)
      await stream.close()
    }
    void push()
    return stream
  })
  return createServer(toNodeHandler(app))
}

export function startHonoStreamSse(events: number): Server {
  const app = new Hono()
  app.get('/', (c) =>
    streamSSE(c, async (stream) => {
      for await (const token of tokens(events)) await stream.writeSSE(token)
    }),
  )
  const listener = getRequestListener(app.fetch)
  return listenWith(listener)
}

export async function startFastifySse(events: number): Promise<Server> {
  const app = fastify()
  await app.register(fastifySSE, { serializer: String })
  app.get('/', { sse: 'only' }, async (_request, reply) => {
    await reply.sse.send(tokens(events))
  })
  await app.ready()
  return app.server
}

/** An execution result with the data for each event, as a subscription would have; it has no ids. */
export function startGraphqlSse(events: number): Server {
  const handler = createHandler({ onSubscribe: () => resultsOf(events) })
  return listenWith(handler)
}

async function* dataOf(events: number): AsyncGenerator<string> {
  for await (const { data } of tokens(events)) yield data
}

async function* resultsOf(events: number): AsyncGenerator<{ data: { token: string } }> {
  for await (const { data } of tokens(events)) yield { data: { token: data } }
}

/** What goes wrong ends the process, and with it the run. */
function listenWith(listener: (...args: Parameters<RequestListener>) => Promise<unknown>): Server {
  return createServer((req, res) => void listener(req, res))
}
