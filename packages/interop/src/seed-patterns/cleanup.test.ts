import { abortBeforeHandler, connect, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp, type Resource } from './cleanup.ts'

const FOREVER_MS = 1_000_000

function openCounted(read: Resource['read'] = (index) => `Event ${index}`) {
  const counts = { opened: 0, closed: 0 }
  const open = (): Resource => {
    counts.opened += 1
    return { read, close: () => void (counts.closed += 1) }
  }
  return { counts, open }
}

it('releases the resource when the stream is complete', async () => {
  const { counts, open } = openCounted()
  await using stream = await connect(createApp(open, 0))
  expect(await stream.all()).toHaveLength(100)
  expect(counts).toEqual({ opened: 1, closed: 1 })
})

it('releases the resource when the client leaves while the generator waits', async () => {
  const { counts, open } = openCounted()
  const stream = await connect(createApp(open, FOREVER_MS))
  await stream.nextEvent()
  expect(counts).toEqual({ opened: 1, closed: 0 })
  await stream.close()
  await vi.waitFor(() => expect(counts.closed).toBe(1), { timeout: 5_000 })
})

it('releases the resource when reading it fails', async () => {
  const { counts, open } = openCounted((index) => {
    if (index === 3) throw new Error('unreadable')
    return `Event ${index}`
  })
  await using stream = await connect(createApp(open, 0))
  expect((await stream.all()).at(-1)?.event).toBe('error')
  expect(counts).toEqual({ opened: 1, closed: 1 })
})

it('releases whatever was opened for a client that was gone before', async () => {
  const { counts, open } = openCounted()
  await using server = await serve(createApp(open, FOREVER_MS))
  await abortBeforeHandler(server.url)
  // A later client is served after the one that left.
  await using stream = await connect(server.url)
  await stream.nextEvent()
  await vi.waitFor(() => expect(counts.opened - counts.closed).toBe(1), { timeout: 5_000 })
})
