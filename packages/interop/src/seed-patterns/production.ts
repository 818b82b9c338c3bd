import { setTimeout } from 'node:timers/promises'
import { createSse, type Sse } from '@sse/express'
import express, { type Express } from 'express'

/** Every bound that a stream in production needs. The process calls `sse.close()` on SIGTERM. */
export function createApp(
  log: (line: string) => void,
  next: (index: number) => Promise<string>,
): { app: Express; sse: Sse } {
  const sse = createSse({
    heartbeatMs: 15_000,
    sendTimeoutMs: 30_000,
    idleTimeoutMs: 30_000,
    maxDurationMs: 3_600_000,
    maxEvents: 1_000,
    limit: { maxConnections: 100, maxConnectionsPerKey: 10, key: ({ req }) => req.ip },
    onError: (error) => log(`error in stream: ${String(error)}`),
    onEnd: (reason, { events }) => log(`${reason} after ${events} events`),
  })
  const app = express()
  app.get(
    '/production-stream',
    sse.handler(async function* ({ signal }) {
      for (let index = 0; ; index += 1) {
        yield await next(index)
        await setTimeout(0, undefined, { signal })
      }
    }),
  )
  return { app, sse }
}
