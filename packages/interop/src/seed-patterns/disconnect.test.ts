import { getRequestListener } from '@hono/node-server'
import { connect, openRawRequest, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './disconnect.ts'

const FOREVER_MS = 1_000_000

function startMonitored(everyMs: number) {
  const log: string[] = []
  const app = createApp((line) => void log.push(line), everyMs)
  return { listener: getRequestListener(app.fetch), log }
}

it('notices a client that closes its connection while the generator waits', async () => {
  const { listener, log } = startMonitored(FOREVER_MS)
  const stream = await connect(listener, { path: '/monitored-stream' })
  await stream.nextEvent()
  await stream.close()
  await vi.waitFor(() => expect(log).toEqual(['client-disconnect after 1 events']), {
    timeout: 5_000,
  })
})

it('notices a client that resets its connection', async () => {
  const { listener, log } = startMonitored(FOREVER_MS)
  await using server = await serve(listener)
  const client = await openRawRequest(server.url, { path: '/monitored-stream' })
  await client.waitFor((text) => text.includes('data: Event 0'))
  await client.reset()
  await vi.waitFor(() => expect(log).toEqual(['client-disconnect after 1 events']), {
    timeout: 5_000,
  })
})

it('counts the events of a stream that came to its end', async () => {
  const { listener, log } = startMonitored(0)
  await using stream = await connect(listener, { path: '/monitored-stream' })
  expect(await stream.all()).toHaveLength(100)
  await vi.waitFor(() => expect(log).toEqual(['completed after 100 events']), { timeout: 5_000 })
})
