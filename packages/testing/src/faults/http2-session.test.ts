import { constants } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { type Deferred, defer, http2Side, openStream, rejection } from '../../test/support.ts'
import { type Served, serve } from '../serve.ts'
import { openHttp2Session } from './http2-session.ts'

/** An HTTP/2 server whose streams say by which code they were reset. */
async function observe(): Promise<{
  app: Served
  resets: Map<string, Deferred<number>>
}> {
  const resets = new Map(['/a', '/b'].map((path) => [path, defer<number>()]))
  const app = await serve(
    (req, res) => {
      const { stream } = http2Side(openStream(res))
      stream.on('aborted', () => resets.get(req.url ?? '')?.resolve(stream.rstCode))
      res.write(`data: ${req.url}\n\n`)
    },
    { http2: true },
  )
  return { app, resets }
}

describe('openHttp2Session', () => {
  it('resets one stream and leaves the others alone', async () => {
    const { app, resets } = await observe()
    await using session = await openHttp2Session(app.url)
    const a = await session.request({ path: '/a' })
    const b = await session.request({ path: '/b' })
    await a.waitFor((text) => text === 'data: /a\n\n')
    await a.reset()
    expect(await resets.get('/a')?.promise).toBe(constants.NGHTTP2_CANCEL)
    expect(await a.ended()).toBe('closed')
    await b.waitFor((text) => text === 'data: /b\n\n')
    expect(b.stream.closed).toBe(false)
    await app.close()
  })

  it('resets with the code that was asked for', async () => {
    const { app, resets } = await observe()
    await using session = await openHttp2Session(app.url)
    const a = await session.request({ path: '/a' })
    expect((await a.head()).status).toBe(200)
    await a.reset(constants.NGHTTP2_REFUSED_STREAM)
    await a.reset()
    expect(await resets.get('/a')?.promise).toBe(constants.NGHTTP2_REFUSED_STREAM)
    await app.close()
  })

  it('takes all streams down with the connection at reset', async () => {
    const { app } = await observe()
    const session = await openHttp2Session(app.url)
    const a = await session.request({ path: '/a' })
    await a.head()
    await session.reset()
    expect(session.session.destroyed).toBe(true)
    await a.ended()
    await app.close()
  })

  it('tells how the server ended a stream', async () => {
    await using app = await serve(
      (req, res) => {
        openStream(res).write('data: x\n\n')
        if (req.url === '/end') res.end()
        else http2Side(res).stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      },
      { http2: true },
    )
    await using session = await openHttp2Session(app.url)
    const end = await session.request({ path: '/end' })
    expect(await end.ended()).toBe('ended')
    const reset = await session.request({ path: '/reset', body: 'text' })
    expect(await reset.ended()).toBe('reset')
    expect((await rejection(reset.waitFor(() => false))).code).toBe('ERR_SSE_TEST_ENDED')
  })

  it('stalls one stream that is paused, and not the others', async () => {
    const chunk = 'x'.repeat(16_384)
    const stalled = defer()
    await using app = await serve(
      (req, res) => {
        openStream(res)
        if (req.url === '/b') return void res.end('data: b\n\n')
        // Two flow-control windows full: the second is never opened by a client that is paused.
        for (let bytes = 0; bytes < 2 * 65_535; bytes += chunk.length) res.write(chunk)
        stalled.resolve()
      },
      { http2: true },
    )
    await using session = await openHttp2Session(app.url)
    const a = await session.request({ path: '/a' })
    a.pause()
    await stalled.promise
    const b = await session.request({ path: '/b' })
    expect(await b.ended()).toBe('ended')
    expect(a.bytesRead).toBeLessThanOrEqual(65_535)
    a.resume()
    await a.waitFor((text) => text.length >= 2 * 65_535)
  })
})
