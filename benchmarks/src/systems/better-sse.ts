import { createServer } from 'node:http'
import { createChannel, createEventBuffer, createResponse, createSession } from 'better-sse'
import { listenToFetch } from './fetch-bridge.ts'
import { EVENT, type SystemApp, type SystemOptions, type Tick } from './system.ts'

/** better-sse on `node:http`: sessions in a channel. */
export function createBetterSse({ heartbeatMs, history = 0 }: SystemOptions): SystemApp {
  const channel = createChannel()
  const kept: Tick[] = []
  const options = { keepAlive: heartbeatMs ?? null, retry: null } as const
  const server = createServer((req, res) => {
    createSession(req, res, options).then(
      (session) => {
        // It has no history, but a buffer that is written at once.
        if (session.lastId !== '') {
          const buffer = createEventBuffer()
          const at = kept.findIndex(({ id }) => id === session.lastId)
          for (const { data, id } of kept.slice(at + 1)) buffer.push(data, EVENT, id)
          void session.batch(buffer)
        }
        channel.register(session)
      },
      (error: unknown) => res.destroy(error as Error),
    )
  })
  return {
    server,
    clients: () => channel.sessionCount,
    publish(tick) {
      if (history > 0) {
        kept.push(tick)
        if (kept.length > history) kept.shift()
      }
      channel.broadcast(tick.data, EVENT, { eventId: tick.id })
    },
    publishEach(toTick) {
      let index = 0
      for (const session of channel.activeSessions) {
        const { data, id } = toTick(index++)
        session.push(data, EVENT, id)
      }
    },
    firstEventId: () => kept[0]?.id ?? '',
  }
}

/** better-sse where a handler answers with a `Response`. */
export function createBetterSseFetch(): SystemApp {
  const channel = createChannel()
  const server = listenToFetch((request) =>
    createResponse(request, { keepAlive: null, retry: null }, (session) =>
      channel.register(session),
    ),
  )
  return {
    server,
    clients: () => channel.sessionCount,
    publish: ({ data, id }) => void channel.broadcast(data, EVENT, { eventId: id }),
  }
}
