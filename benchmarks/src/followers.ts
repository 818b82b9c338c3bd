import { createServer, type ServerResponse } from 'node:http'
import { createChannel, createSession } from 'better-sse'
import type { LoadApp } from './adapters.ts'

// What is measured here has none of its own.
const NO_SSE: LoadApp['sse'] = {
  stats: () => ({}) as ReturnType<LoadApp['sse']['stats']>,
  close: async () => undefined,
}

/** What people write by hand to reach many clients: a set of responses, and `res.write` to each of them. */
export function rawFeedApp(): LoadApp {
  const followers = new Set<ServerResponse>()
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    followers.add(res)
    res.on('close', () => followers.delete(res))
  })
  return {
    server,
    sse: NO_SSE,
    publish(_feed, data) {
      const block = `data: ${JSON.stringify(data)}\n\n`
      for (const res of followers) res.write(block)
    },
    subscribers: () => followers.size,
  }
}

/** A channel of better-sse on `node:http`. */
export function betterSseApp(): LoadApp {
  const channel = createChannel()
  const server = createServer((req, res) => {
    createSession(req, res).then(
      (session) => channel.register(session),
      (error: unknown) => res.destroy(error as Error),
    )
  })
  return {
    server,
    sse: NO_SSE,
    publish: (_feed, data) => void channel.broadcast(data),
    subscribers: () => channel.sessionCount,
  }
}
