import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink } from '../../test/fake-sink.ts'
import { createSse } from '../fetch-sse.ts'
import { createCompression } from './create-compression.ts'

afterEach(() => vi.unstubAllGlobals())

const refusal = (rule: string) =>
  expect.objectContaining({
    code: 'ERR_SSE_INVALID_OPTION',
    message: expect.stringContaining(rule),
  })

describe('createCompression', () => {
  it.each([
    [{ encodings: [] }, '`encodings` must be an array of one or more of gzip, br, zstd'],
    [{ encodings: ['deflate'] }, '`encodings` must be an array'],
    [{ encodings: 'gzip' }, '`encodings` must be an array'],
    [{ isolateEvents: 1 }, '`isolateEvents` must be true or false'],
    [{ isolateEvents: true, encodings: ['gzip', 'br'] }, "must be ['gzip'] with `isolateEvents`"],
    [{ level: 9 }, '`level` is not one of encodings, isolateEvents'],
    [null, '`options` must be an object'],
  ])('refuses %j', (options, rule) => {
    expect(() => createCompression(options as never)).toThrow(refusal(rule))
  })

  it('is refused itself where it is not called', () => {
    expect(() => createSse({ compression: true as never })).toThrow(refusal('`compression`'))
    expect(() => createSse({ compression: {} as never })).toThrow(refusal('`compression`'))
  })

  it.each([
    ['gzip, br, zstd', {}, 'gzip'],
    ['br, zstd', {}, 'br'],
    ['zstd', {}, 'zstd'],
    ['gzip, br', { encodings: ['br', 'gzip'] }, 'br'],
    ['br', { isolateEvents: true }, null],
    ['gzip, br', { isolateEvents: true }, 'gzip'],
  ] as const)('answers %j with what %j says first: %j', async (accepted, options, expected) => {
    const sse = createSse({ compression: createCompression(options as never) })
    const headers = { 'accept-encoding': accepted }
    const response = await sse.respond(new Request('http://x/', { headers }), ['a'])
    expect(response.headers.get('content-encoding')).toBe(expected)
    await response.body?.cancel()
  })

  it('lets a source wait for a slow client, however small it makes the events', async () => {
    const sse = createSse({ compression: createCompression(), maxBufferedBytes: 20_000 })
    const headers = { 'accept-encoding': 'gzip' }
    // Some hundred bytes each.
    const made = Array.from({ length: 400 }, (_, index) =>
      randomBytes(100)
        .toString('hex')
        .padEnd(10_000, String(index % 10)),
    )
    const response = await sse.respond(new Request('http://x/', { headers }), async function* () {
      for (const data of made) {
        await new Promise((resolve) => setImmediate(resolve))
        yield data
      }
    })
    // Nobody reads until the source waits.
    let events = -1
    while (events < sse.stats().events) {
      events = sse.stats().events
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(events).toBeLessThan(made.length)
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString()
    expect(text).toBe(`:\n${made.map((data) => `data: ${data}\n\n`).join('')}`)
    expect(sse.stats().ended.completed).toBe(1)
  })

  it('may be turned off for a route', async () => {
    const sse = createSse({ compression: createCompression() })
    const headers = { 'accept-encoding': 'gzip' }
    const route = { compression: false as const }
    const response = await sse.respond(new Request('http://x/', { headers }), ['a'], route)
    expect(response.headers.get('content-encoding')).toBe(null)
    expect(response.headers.get('vary')).toBe(null)
    expect(await response.text()).toBe(':\ndata: a\n\n')
  })

  it('leaves it to the network on Cloudflare Workers', () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const sink = createFakeSink()
    expect(createCompression()(sink, () => 'gzip')).toBe(sink)
  })
})
