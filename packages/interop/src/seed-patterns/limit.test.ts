import { getRequestListener } from '@hono/node-server'
import { connect, type EventStreamConnection, serve } from '@sse/testing'
import { expect, it, vi } from 'vitest'
import { createApp } from './limit.ts'

it('lets in as many as the limit says when all come at once, and refuses the others', async () => {
  await using server = await serve(getRequestListener(createApp(2).fetch))
  const open = (): Promise<EventStreamConnection> => connect(`${server.url}/limited-stream`)
  const clients = await Promise.all([open(), open(), open(), open(), open(), open()])
  const byStatus = (status: number) => clients.filter(({ response }) => response.status === status)
  const [admitted, refused] = [byStatus(200), byStatus(503)]
  expect([admitted.length, refused.length]).toEqual([2, 4])

  for (const { response } of refused) {
    const retryAfter = Number(response.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThanOrEqual(5)
    expect(retryAfter).toBeLessThanOrEqual(8)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ error: { code: 'server-limit' } })
  }

  await admitted[0]?.close()
  await vi.waitFor(async () => expect((await open()).response.status).toBe(200), {
    timeout: 5_000,
  })
})
