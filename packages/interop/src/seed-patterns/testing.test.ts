import { getRequestListener } from '@hono/node-server'
import { connect, type EventStreamConnection } from '@sse/testing'
import { describe, expect, it, vi } from 'vitest'
import { createApp } from './testing.ts'

function open(path: string, onStopped?: () => void): Promise<EventStreamConnection> {
  return connect(getRequestListener(createApp(onStopped).fetch), { path })
}

describe('the streaming test client', () => {
  it('reads the first events of a stream that goes on', async () => {
    await using stream = await open('/monitored-stream')
    const events = await stream.take(3)
    expect(events.map(({ data }) => data)).toEqual(['Event 0', 'Event 1', 'Event 2'])
  })

  it('reads several event types', async () => {
    await using stream = await open('/stream')
    const types = (await stream.until('done')).map(({ event }) => event)
    expect(new Set(types)).toEqual(new Set(['message', 'done']))
  })

  it('sees an error of the stream as an event', async () => {
    await using stream = await open('/stream-with-errors')
    const error = (await stream.until('error')).at(-1)
    expect(error?.json()).toEqual({ error: 'Internal server error' })
  })

  it('leaves, and the server stops its source', async () => {
    const onStopped = vi.fn()
    const stream = await open('/monitored-stream', onStopped)
    await stream.take(3)
    expect(onStopped).not.toHaveBeenCalled()
    await stream.close()
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalledTimes(1), { timeout: 5_000 })
  })

  it('sees an idle stream end', async () => {
    await using stream = await open('/stream-with-timeout')
    await stream.nextEvent()
    expect(await stream.ended()).toBe('completed')
  })

  it('fails in good time when what it waits for does not come', async () => {
    await using stream = await open('/monitored-stream')
    await expect(stream.until('done', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ERR_SSE_TEST_TIMEOUT',
    })
  })

  it('reads all events of a stream', async () => {
    await using stream = await open('/stream')
    const events = await stream.all()
    expect(events).toHaveLength(6)
    expect(events.at(-1)?.json()).toEqual({ total: 5 })
  })

  it('reads a part of a stream and leaves the rest', async () => {
    await using stream = await open('/stream')
    expect(await stream.take(2)).toHaveLength(2)
    expect(await stream.all()).toHaveLength(4)
  })

  it('parses JSON data', async () => {
    await using stream = await open('/stream')
    expect((await stream.nextEvent()).json()).toEqual({ id: 0 })
  })
})
