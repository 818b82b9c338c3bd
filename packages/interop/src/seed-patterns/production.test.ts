import { connect, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './production.ts'

function startProduction(next: (index: number) => Promise<string>) {
  const log: string[] = []
  return { ...createApp((line) => void log.push(line), next), log }
}

it('ends an endless source after the most events allowed', async () => {
  const { app, log } = startProduction(async (index) => `Event ${index}`)
  await using stream = await connect(app, { path: '/production-stream' })
  expect(await stream.all()).toHaveLength(1_000)
  await vi.waitFor(() => expect(log).toEqual(['closed after 1000 events']), { timeout: 5_000 })
})

it('logs an error, masks it and ends the stream', async () => {
  const { app, log } = startProduction(async (index) => {
    if (index === 2) throw new Error('disk is full')
    return `Event ${index}`
  })
  await using stream = await connect(app, { path: '/production-stream' })
  const events = await stream.all()
  expect(events.at(-1)?.json()).toEqual({ error: 'Internal server error' })
  await vi.waitFor(
    () =>
      expect(log).toEqual(['error in stream: Error: disk is full', 'source-error after 2 events']),
    { timeout: 5_000 },
  )
})

it('refuses one address that wants more than its share', async () => {
  const { app } = startProduction(() => new Promise(() => undefined))
  await using server = await serve(app)
  const open = () => connect(`${server.url}/production-stream`)
  const clients = []
  for (let i = 0; i < 11; i += 1) clients.push(await open())
  const statuses = clients.map(({ response }) => response.status)
  expect(statuses).toEqual([...Array<number>(10).fill(200), 429])
})

it('drains on shutdown, and tells each client when to come back', async () => {
  const { app, sse, log } = startProduction(() => new Promise(() => undefined))
  await using stream = await connect(app, { path: '/production-stream' })
  await sse.close({ graceMs: 2_000, retryMs: 1_000, event: { event: 'shutdown' } })
  expect((await stream.all()).map(({ event }) => event)).toEqual(['shutdown'])
  expect(stream.retry).toBeGreaterThanOrEqual(1_000)
  expect(stream.retry).toBeLessThanOrEqual(1_500)
  expect(log).toEqual(['shutdown after 0 events'])
})
