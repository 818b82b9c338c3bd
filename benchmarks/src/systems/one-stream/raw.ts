import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import Koa from 'koa'
import { tokens } from './tokens.ts'

/** What people write by hand: a template, `res.write`, and `drain` heeded. */
export function startRaw(events: number): Server {
  return createServer((_req, res) => void answer(res, events))
}

async function answer(res: ServerResponse, events: number): Promise<void> {
  res.writeHead(200, { 'Content-Type': 'text/event-stream' })
  for await (const { event, id, data } of tokens(events)) {
    if (!res.write(`event: ${event}\ndata: ${data}\nid: ${id}\n\n`)) await once(res, 'drain')
  }
  res.end()
}

/** The same in Koa, as its guides have it: a stream as the body. */
export function startKoaPassThrough(events: number): Server {
  const app = new Koa()
  app.use((ctx) => {
    const body = new PassThrough()
    ctx.type = 'text/event-stream'
    ctx.body = body
    void fill(body, events)
  })
  const listener = app.callback()
  return createServer((req, res) => void listener(req, res))
}

async function fill(body: PassThrough, events: number): Promise<void> {
  for await (const { event, id, data } of tokens(events)) {
    if (!body.write(`event: ${event}\ndata: ${data}\nid: ${id}\n\n`)) await once(body, 'drain')
  }
  body.end()
}
