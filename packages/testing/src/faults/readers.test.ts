import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { defer, openStream, rejection } from '../../test/support.ts'
import { now } from '../clock.ts'
import { serve } from '../serve.ts'
import { frozenReader } from './frozen-reader.ts'
import { slowReader } from './slow-reader.ts'

const CHUNK = 'x'.repeat(65_536)

/** Writes 64 MB, more than the kernel takes on loopback, or until 8 MB of it wait to be read. */
async function fill(res: ServerResponse): Promise<void> {
  for (let bytes = 0; bytes < 64 * 1_048_576; bytes += CHUNK.length) {
    res.write(CHUNK)
    if (res.writableLength > 8 * 1_048_576) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a reader', () => {
  const app = (_req: unknown, res: ServerResponse) => void openStream(res)

  it.each([
    ['frozenReader', app, 'function', (target: never) => frozenReader(target)],
    [
      'slowReader',
      { fetch: app },
      'object',
      (target: never) => slowReader(target, { bytesPerSecond: 1 }),
    ],
  ])('needs a URL, which serve() gives: %s', async (_name, target, type, open) => {
    expect(await rejection(open(target as never))).toMatchObject({
      code: 'ERR_SSE_TEST_TARGET',
      message: `the URL of a server is needed, got a value of type ${type}; to test an app, \`serve(app)\` first, and give the \`url\` of what it resolves to`,
    })
  })
})

describe('frozenReader', () => {
  it('reads nothing, so that the writes of the server pile up', async () => {
    const filled = defer<number>()
    await using app = await serve(async (_req, res) => {
      await fill(openStream(res))
      filled.resolve(res.writableLength)
    })
    await using reader = await frozenReader(app.url)
    expect(await filled.promise).toBeGreaterThan(8 * 1_048_576)
    expect(reader.bytesRead).toBe(0)
    expect(reader.socket.bytesRead).toBe(0)
  })

  it('does not notice that the server has gone, until it resumes', async () => {
    const ended = defer()
    await using app = await serve((req, res) => {
      req.socket.on('close', () => ended.resolve())
      openStream(res).end('data: a\n\n', () => req.socket.destroy())
    })
    await using reader = await frozenReader(app.url)
    await ended.promise
    expect((await rejection(reader.ended({ timeoutMs: 20 }))).code).toBe('ERR_SSE_TEST_TIMEOUT')
    reader.resume()
    await reader.waitFor((text) => text.includes('data: a'))
    expect(await reader.ended()).toBe('ended')
  })

  it('reads the head first when told so', async () => {
    const gate = defer()
    await using app = await serve(async (_req, res) => {
      openStream(res)
      await gate.promise
      res.end('data: a\n\n')
    })
    await using reader = await frozenReader(app.url, { after: 'head' })
    const { bytesRead } = reader
    expect((await reader.head()).status).toBe(200)
    gate.resolve()
    await rejection(reader.waitFor((text) => text.includes('data'), { timeoutMs: 20 }))
    expect(reader.bytesRead).toBe(bytesRead)
    reader.resume()
    await reader.waitFor((text) => text.includes('data: a'))
  })

  it('refuses to stop at any other moment', async () => {
    const after = 'body' as 'head'
    const error = await rejection(frozenReader('http://localhost/', { after }))
    expect(error.message).toBe("`after` must be 'request' or 'head', got 'body'")
  })

  it('lets go of the connection when the head does not come', async () => {
    const gone = defer()
    await using app = await serve((_req, res) => void res.on('close', gone.resolve))
    const error = await rejection(frozenReader(app.url, { after: 'head', timeoutMs: 20 }))
    expect(error.code).toBe('ERR_SSE_TEST_TIMEOUT')
    await gone.promise
  })

  it('is seen by the server when it is reset, and not before', async () => {
    const closed = defer()
    let isClosed = false
    await using app = await serve((_req, res) => {
      openStream(res).on('close', () => {
        isClosed = true
        closed.resolve()
      })
    })
    const reader = await frozenReader(app.url, { after: 'head' })
    expect(isClosed).toBe(false)
    await reader.reset()
    await closed.promise
  })
})

describe('slowReader', () => {
  it('reads no faster than told', async () => {
    await using app = await serve((_req, res) => void openStream(res).end('x'.repeat(4_000)))
    const startedMs = now()
    await using reader = await slowReader(app.url, { bytesPerSecond: 40_000, httpVersion: '1.0' })
    expect(await reader.ended()).toBe('ended')
    expect(reader.bytesRead).toBeGreaterThan(4_000)
    expect(now() - startedMs).toBeGreaterThan(95)
  })

  it('reads evenly, not in bursts', async () => {
    await using app = await serve((_req, res) => void openStream(res).end('x'.repeat(100_000)))
    await using reader = await slowReader(app.url, { bytesPerSecond: 10_000 })
    const sizes: number[] = []
    reader.socket.on('data', (chunk: Buffer) => sizes.push(chunk.length))
    await reader.waitFor(() => sizes.length >= 3)
    expect(reader.bytesRead).toBeLessThan(20_000)
  })

  it('reads the rest at full speed when it resumes', async () => {
    await using app = await serve((_req, res) => void openStream(res).end('x'.repeat(1_000_000)))
    await using reader = await slowReader(app.url, { bytesPerSecond: 100, httpVersion: '1.0' })
    reader.resume()
    expect(await reader.ended()).toBe('ended')
    expect(reader.bytesRead).toBeGreaterThan(1_000_000)
  })

  it('holds the server back', async () => {
    const filled = defer<number>()
    await using app = await serve(async (_req, res) => {
      await fill(openStream(res))
      filled.resolve(res.writableLength)
    })
    await using reader = await slowReader(app.url, { bytesPerSecond: 10_000 })
    expect(await filled.promise).toBeGreaterThan(8 * 1_048_576)
    expect(reader.bytesRead).toBeLessThan(1_000_000)
  })

  it('refuses a speed that is none', async () => {
    for (const bytesPerSecond of [0, -1, Number.NaN]) {
      const error = await rejection(slowReader('http://localhost/', { bytesPerSecond }))
      expect(error.code).toBe('ERR_SSE_TEST_OPTION')
    }
  })
})
