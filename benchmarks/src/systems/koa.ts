import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import Koa from 'koa'
import { HEADERS, type SystemApp, type SystemOptions, toBlock } from './system.ts'

/** What Koa's users do: a `PassThrough` as the body. */
export function createKoaPassThrough({ heartbeatMs }: SystemOptions): SystemApp {
  const clients = new Set<PassThrough>()
  const app = new Koa().use((ctx) => {
    const stream = new PassThrough()
    ctx.set(HEADERS)
    ctx.body = stream
    clients.add(stream)
    stream.on('close', () => clients.delete(stream))
    ctx.flushHeaders()
  })
  if (heartbeatMs !== undefined) {
    setInterval(() => {
      for (const stream of clients) stream.write(':\n\n')
    }, heartbeatMs)
  }
  const listener = app.callback()
  return {
    server: createServer((req, res) => void listener(req, res)),
    clients: () => clients.size,
    publish(tick) {
      const block = toBlock(tick)
      for (const stream of clients) stream.write(block)
    },
    publishEach(toTick) {
      let index = 0
      for (const stream of clients) stream.write(toBlock(toTick(index++)))
    },
  }
}
