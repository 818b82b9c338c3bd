import { connect, frozenReader, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './timeouts.ts'

it('drops a client that does not read', async () => {
  const log: string[] = []
  const app = createApp((line) => void log.push(line), { sendTimeoutMs: 200, everyMs: 0 })
  await using server = await serve(app)
  await using reader = await frozenReader(server.url, { path: '/stream-with-timeout' })
  await vi.waitFor(() => expect(log).toEqual(['send-timeout']), { timeout: 15_000 })
  expect(reader.bytesRead).toBe(0)
})

it('ends a stream whose source stays silent, so that the client comes back', async () => {
  const log: string[] = []
  const app = createApp((line) => void log.push(line), { idleTimeoutMs: 100 })
  await using stream = await connect(app, { path: '/idle' })
  expect((await stream.all()).map(({ data }) => data)).toEqual(['Waiting for news'])
  expect(await stream.ended()).toBe('completed')
  expect(log).toEqual(['idle-timeout'])
})
