import type { EndReason } from '@sse/core'
import { openHttp2Session, openRawRequest, serve } from '@sse/testing'
import Koa, { type Middleware } from 'koa'
import { describe, expect, it } from 'vitest'
import { createSse } from './index.ts'

/** An app with one endless stream, what Koa says went wrong in it, and how its streams ended. */
function createApp(...middleware: Middleware[]) {
  const errors: unknown[] = []
  let ended: (reason: EndReason) => void = () => {}
  const end = new Promise<EndReason>((resolve) => {
    ended = resolve
  })
  const sse = createSse({ onEnd: (reason) => ended(reason) })
  const app = new Koa()
  app.on('error', (error) => errors.push(error))
  for (const each of middleware) app.use(each)
  app.use(
    sse.handler(async function* (stream) {
      yield 'first'
      await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
    }),
  )
  return { listener: app.callback(), errors, end }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a client that leaves is no error of the Koa app', () => {
  it('when it resets its connection', async () => {
    const { listener, errors, end } = createApp()
    await using app = await serve(listener)
    const client = await openRawRequest(app.url)
    await client.waitFor((text) => text.includes('first'))
    await client.reset()
    expect(await end).toBe('client-disconnect')
    await nextTurn()
    expect(errors).toEqual([])
  })

  it.each([0, 2, 8])('when it resets its HTTP/2 stream with code %i', async (code) => {
    const { listener, errors, end } = createApp()
    await using app = await serve(listener, { http2: true })
    const session = await openHttp2Session(app.url)
    const client = await session.request()
    await client.waitFor((text) => text.includes('first'))
    await client.reset(code)
    expect(await end).toBe('client-disconnect')
    await nextTurn()
    expect(errors).toEqual([])
    await session.close()
  })

  it('when it resets the connection below its HTTP/2 session', async () => {
    const { listener, errors, end } = createApp()
    await using app = await serve(listener, { http2: true })
    const session = await openHttp2Session(app.url)
    const client = await session.request()
    await client.waitFor((text) => text.includes('first'))
    await session.reset()
    expect(await end).toBe('client-disconnect')
    await nextTurn()
    expect(errors).toEqual([])
  })
})

describe('a client that leaves before the head is no error of the Koa app', () => {
  function createQueue() {
    const errors: unknown[] = []
    const sse = createSse({ limit: { maxConnections: 1, maxQueued: 1, queueTimeoutMs: 0 } })
    const app = new Koa()
    app.on('error', (error) => errors.push(error))
    app.use(sse.handler(async (stream) => void (await stream.ended)))
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await nextTurn()
      await nextTurn()
    }
    return { listener: app.callback(), sse, errors, until }
  }

  it('when it resets its connection while it waits for a slot', async () => {
    const { listener, sse, errors, until } = createQueue()
    await using app = await serve(listener)
    const first = await openRawRequest(app.url)
    await until(() => sse.stats().active === 1)
    const second = await openRawRequest(app.url)
    await until(() => sse.stats().queued === 1)
    await second.reset()
    await until(() => sse.stats().queued === 0)
    expect(errors).toEqual([])
    await first.close()
  })

  it.each([2, 8])('when it resets its HTTP/2 stream with code %i while it waits', async (code) => {
    const { listener, sse, errors, until } = createQueue()
    await using app = await serve(listener, { http2: true })
    const session = await openHttp2Session(app.url)
    await session.request()
    await until(() => sse.stats().active === 1)
    const second = await session.request()
    await until(() => sse.stats().queued === 1)
    await second.reset(code)
    await until(() => sse.stats().queued === 0)
    expect(errors).toEqual([])
    await session.close()
  })
})

describe('an error of the Koa app', () => {
  it('is still reported when middleware throws after the head was sent', async () => {
    const fault = new Error('the access log is full')
    const { listener, errors } = createApp(async (_ctx, next) => {
      await next()
      throw fault
    })
    await using app = await serve(listener)
    const client = await openRawRequest(app.url)
    await client.waitFor((text) => text.includes('first'))
    expect(errors).toEqual([fault])
    await client.close()
  })
})
