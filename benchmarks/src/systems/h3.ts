import { createServer } from 'node:http'
import { defineHandler, EventStream, H3 } from 'h3'
import { toNodeHandler } from 'h3/node'
import { EVENT, type SystemApp, type SystemOptions } from './system.ts'

/** `EventStream` of h3, which was `createEventStream`. */
export function createH3({ heartbeatMs }: SystemOptions): SystemApp {
  const clients = new Set<EventStream>()
  const app = new H3().get(
    '/',
    defineHandler((event) => {
      const stream = new EventStream(event)
      clients.add(stream)
      // Its head leaves with what is sent first.
      void stream.pushComment('')
      stream.onClosed(() => clients.delete(stream))
      return stream
    }),
  )
  // It has no heartbeats; this is what its users write.
  if (heartbeatMs !== undefined) {
    setInterval(() => {
      for (const stream of clients) void stream.pushComment('')
    }, heartbeatMs)
  }
  const listener = toNodeHandler(app)
  return {
    server: createServer((req, res) => void listener(req, res)),
    clients: () => clients.size,
    publish({ id, data }) {
      const event = { event: EVENT, id, data: JSON.stringify(data) }
      for (const stream of clients) void stream.push(event)
    },
    publishEach(toTick) {
      let index = 0
      for (const stream of clients) {
        const { id, data } = toTick(index++)
        void stream.push({ event: EVENT, id, data: JSON.stringify(data) })
      }
    },
  }
}
