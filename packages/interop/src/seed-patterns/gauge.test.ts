import type { SseStats } from '@sse/core'
import { connect, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './gauge.ts'

it('counts the streams that are open, and forgets none that ended', async () => {
  await using server = await serve(createApp())
  const stats = async () => (await (await fetch(`${server.url}/stats`)).json()) as SseStats
  expect(await stats()).toMatchObject({ active: 0, opened: 0 })

  const clients = await Promise.all([1, 2, 3].map(() => connect(`${server.url}/stream`)))
  expect(await stats()).toMatchObject({ active: 3, opened: 3 })

  await Promise.all(clients.map((client) => client.close()))
  await vi.waitFor(
    async () =>
      expect(await stats()).toMatchObject({
        active: 0,
        opened: 3,
        ended: { 'client-disconnect': 3, completed: 0 },
      }),
    { timeout: 5_000 },
  )
})
