import { fastifySSE } from '@fastify/sse'
import fastify, { type FastifyReply } from 'fastify'
import { EVENT, type SystemApp, type SystemOptions } from './system.ts'

/** `@fastify/sse`. */
export async function createFastify({ heartbeatMs = 0 }: SystemOptions): Promise<SystemApp> {
  const app = fastify()
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs })
  const clients = new Set<FastifyReply['sse']>()
  app.get('/', { sse: 'only' }, (_request, { sse, raw }) => {
    sse.keepAlive()
    sse.sendHeaders()
    // It writes the head, and Node holds it back until something follows.
    raw.flushHeaders()
    clients.add(sse)
    sse.onClose(() => clients.delete(sse))
  })
  await app.ready()
  return {
    server: app.server,
    clients: () => clients.size,
    publish({ id, data }) {
      for (const stream of clients) void stream.send({ event: EVENT, id, data })
    },
    publishEach(toTick) {
      let index = 0
      for (const stream of clients) {
        const { id, data } = toTick(index++)
        void stream.send({ event: EVENT, id, data })
      }
    },
  }
}
