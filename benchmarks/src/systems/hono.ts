import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { EVENT, type SystemApp, type SystemOptions } from './system.ts'

/** `streamSSE` of Hono, on Node. */
export function createHonoSse({ heartbeatMs }: SystemOptions): SystemApp {
  const clients = new Set<SSEStreamingApi>()
  const app = new Hono().get('/', (c) =>
    streamSSE(c, async (stream) => {
      clients.add(stream)
      await new Promise<void>((resolve) => stream.onAbort(resolve))
      clients.delete(stream)
    }),
  )
  // It has no heartbeats; this is what its users write.
  if (heartbeatMs !== undefined) {
    setInterval(() => {
      for (const stream of clients) void stream.write(':\n\n')
    }, heartbeatMs)
  }
  const listener = getRequestListener(app.fetch)
  return {
    server: createServer((req, res) => void listener(req, res)),
    clients: () => clients.size,
    publish({ id, data }) {
      const event = { event: EVENT, id, data: JSON.stringify(data) }
      for (const stream of clients) void stream.writeSSE(event)
    },
    publishEach(toTick) {
      let index = 0
      for (const stream of clients) {
        const { id, data } = toTick(index++)
        void stream.writeSSE({ event: EVENT, id, data: JSON.stringify(data) })
      }
    },
  }
}
