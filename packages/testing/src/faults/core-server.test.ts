import { constants } from 'node:http2'
import type { EndReason } from '@sse/core'
import { createSse, type NodeHandler } from '@sse/core/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NodeListener } from '../client/target.ts'
import { type Served, serve } from '../serve.ts'
import { abortBeforeHandler } from './abort-before-handler.ts'
import { frozenReader } from './frozen-reader.ts'
import { openHttp2Session } from './http2-session.ts'
import { pipelineRequests } from './pipeline-requests.ts'
import { openRawRequest } from './raw-connection.ts'
import { slowReader } from './slow-reader.ts'

const FLOOD_BYTES = 64 * 1_048_576

/** The faults, against the server that they were made for: each must end as the contract says. */
describe('a server of @sse/core', () => {
  const open: Served[] = []
  afterEach(() => Promise.all(open.splice(0).map((app) => app.close())))

  /** Routes `/endless`, `/flood` and `/short`; `expectEnds` waits until streams have ended so. */
  async function start({ http2 = false, sendTimeoutMs = 10_000 } = {}) {
    const ends: EndReason[] = []
    const sse = createSse({
      sendTimeoutMs,
      onEnd: (reason) => void ends.push(reason),
    })
    const routes: Record<string, NodeHandler> = {
      '/endless': sse.handler(async function* (stream) {
        yield 'hello'
        await stream.ended
      }),
      '/flood': sse.handler(function* () {
        const data = 'x'.repeat(65_536)
        for (let bytes = 0; bytes < FLOOD_BYTES; bytes += data.length) yield { data }
      }),
      '/short': sse.handler(function* () {
        yield 'hello'
      }),
    }
    const listener: NodeListener = (req, res) => void routes[req.url ?? '']?.(req, res)
    const app = await serve(listener, { http2 })
    open.push(app)
    const expectEnds = (...reasons: EndReason[]) =>
      vi.waitFor(() => expect(ends).toEqual(reasons), { timeout: 4_000, interval: 5 })
    return { url: app.url, sse, expectEnds }
  }

  it('takes a reset for a client that went away', async () => {
    const { url, sse, expectEnds } = await start()
    const client = await openRawRequest(url, { path: '/endless' })
    await client.waitFor((text) => text.includes('data: hello'))
    await client.reset()
    await expectEnds('client-disconnect')
    expect(sse.stats().active).toBe(0)
  })

  it('takes a half-closed connection for a client that went away', async () => {
    const { url, expectEnds } = await start()
    await using client = await openRawRequest(url, { path: '/endless' })
    await client.waitFor((text) => text.includes('data: hello'))
    await client.halfClose()
    await expectEnds('client-disconnect')
    expect(await client.ended()).toBe('ended')
  })

  it('gives up a reader that never reads', async () => {
    const { url, sse, expectEnds } = await start({ sendTimeoutMs: 200 })
    await using client = await frozenReader(url, { path: '/flood' })
    await expectEnds('send-timeout')
    expect(client.bytesRead).toBe(0)
    expect(sse.stats().bytes).toBeLessThan(FLOOD_BYTES)
  })

  it('gives up a reader that stops after the head', async () => {
    const { url, expectEnds } = await start({ sendTimeoutMs: 200 })
    await using client = await frozenReader(url, { path: '/flood', after: 'head' })
    expect((await client.head()).status).toBe(200)
    await expectEnds('send-timeout')
  })

  it('waits for a reader that is slow, and does not give it up', { timeout: 30_000 }, async () => {
    const { url, sse, expectEnds } = await start()
    const options = { path: '/flood', bytesPerSecond: 2_000_000 }
    await using client = await slowReader(url, { ...options, httpVersion: '1.0' })
    await client.waitFor(() => client.bytesRead > 500_000)
    await expectEnds()
    expect(sse.stats().bytes).toBeLessThan(FLOOD_BYTES)
    client.resume()
    expect(await client.ended({ timeoutMs: 25_000 })).toBe('ended')
    await expectEnds('completed')
    expect(client.bytesRead).toBeGreaterThan(FLOOD_BYTES)
  })

  it('notices a client that left before the handler ran', async () => {
    const { url, sse, expectEnds } = await start()
    await abortBeforeHandler(url, { path: '/endless', body: { question: 'Hello?' } })
    await expectEnds('client-disconnect')
    expect(sse.stats().active).toBe(0)
  })

  it('answers pipelined requests in order', async () => {
    const { url, expectEnds } = await start()
    const request = { path: '/short' }
    await using client = await pipelineRequests(url, [request, request])
    await client.waitFor((text) => text.split('data: hello').length === 3)
    expect(client.text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    await expectEnds('completed', 'completed')
  })

  it('ends the response to HTTP/1.0 by closing the connection', async () => {
    const { url } = await start()
    const client = await openRawRequest(url, { path: '/short', httpVersion: '1.0' })
    expect(await client.ended()).toBe('ended')
    expect(client.text).not.toMatch(/transfer-encoding/i)
    expect(client.text).toMatch(/\r\n\r\n:\ndata: hello\n\n$/)
  })

  it('takes the reset of one HTTP/2 stream for one client that went away', async () => {
    const { url, sse, expectEnds } = await start({ http2: true })
    await using session = await openHttp2Session(url)
    const [a, b] = await Promise.all([
      session.request({ path: '/endless' }),
      session.request({ path: '/endless' }),
    ])
    await Promise.all([a, b].map((one) => one.waitFor((text) => text.includes('data: hello'))))
    await a.reset(constants.NGHTTP2_CANCEL)
    await expectEnds('client-disconnect')
    expect(sse.stats().active).toBe(1)
  })

  it.each(['reset', 'close'] as const)(
    'loses every stream of a session at its %s',
    async (leave) => {
      const { url, sse, expectEnds } = await start({ http2: true })
      const session = await openHttp2Session(url)
      const request = { path: '/endless' }
      const streams = await Promise.all([session.request(request), session.request(request)])
      await Promise.all(streams.map((one) => one.waitFor((text) => text.includes('data: hello'))))
      await session[leave]()
      await expectEnds('client-disconnect', 'client-disconnect')
      expect(sse.stats().active).toBe(0)
    },
  )
})
