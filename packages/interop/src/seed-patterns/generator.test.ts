import { connect } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './generator.ts'

// Longer than any test: only the signal can interrupt such a wait.
const FOREVER_MS = 1_000_000

it('sends all events of a finite generator, cleans up and ends', async () => {
  const log: string[] = []
  await using stream = await connect(
    createApp((line) => void log.push(line), 0),
    { path: '/stream' },
  )
  expect(await stream.all()).toHaveLength(100)
  expect(log).toEqual(['generator cleaned up'])
})

it.each(['/stream', '/endless'])(
  'cleans up when the client leaves %s in the middle of a wait',
  async (path) => {
    const log: string[] = []
    const app = createApp((line) => void log.push(line), FOREVER_MS)
    const stream = await connect(app, { path })
    expect((await stream.nextEvent()).data).toBe('Event 0')
    expect(log).toEqual([])
    await stream.close()
    await vi.waitFor(() => expect(log).toHaveLength(1), { timeout: 5_000 })
    expect(log[0]).toMatch(/cleaned up$/)
  },
)

it('goes on with an endless generator for as long as its client reads', async () => {
  const app = createApp(() => undefined, 0)
  await using stream = await connect(app, { path: '/endless' })
  const events = await stream.take(250)
  expect(events.at(-1)?.data).toBe('Event 249')
})
