import * as zlib from 'node:zlib'
import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { createFakeSink, type FakeSink } from '../../test/fake-sink.ts'
import type { Sink, SinkListener } from '../sinks/sink.ts'
import type { CreateCoder } from './coder.ts'
import { createCompressedSink } from './compressed-sink.ts'
import { createGzipCoder } from './gzip-coder.ts'
import { createBrotliCoder, createGzipStreamCoder, createZstdCoder } from './stream-coder.ts'

const HEAD = { status: 200, headers: { 'Content-Type': 'text/event-stream' } }
const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH }
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Fixture {
  readonly inner: FakeSink
  readonly sink: Sink
  /** What the sink said. */
  readonly told: string[]
  /** The compressed bytes. */
  coded(): Buffer
  writes(): number
}

function setUp(createCoder: CreateCoder | undefined, accepted = 'test', earlier = {}): Fixture {
  const inner = createFakeSink()
  const written: Uint8Array[] = []
  const { write } = inner
  inner.write = (bytes) => {
    written.push(bytes)
    return write(bytes)
  }
  inner.header = (name) => (earlier as Record<string, string>)[name]
  const codings = new Map(createCoder === undefined ? [] : [['test', createCoder] as const])
  const sink = createCompressedSink(inner, accepted, codings)
  const told: string[] = []
  const listener: SinkListener = {
    drained: () => void told.push('drained'),
    finished: () => void told.push('finished'),
    gone: () => void told.push('gone'),
  }
  sink.listen(listener)
  return { inner, sink, told, coded: () => Buffer.concat(written), writes: () => written.length }
}

/** Resolves once the compressor in its thread has answered. */
async function settled(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a compressed sink', () => {
  it('says how it encodes, and that this depends on the client', () => {
    const { inner, sink } = setUp(createGzipCoder(false))
    sink.open(HEAD)
    expect(inner.head?.headers).toEqual({
      'Content-Type': 'text/event-stream',
      'Content-Encoding': 'test',
      Vary: 'Accept-Encoding',
    })
  })

  it('passes on what a client gets that accepts nothing', () => {
    const { inner, sink, coded } = setUp(createGzipCoder(false), 'other')
    sink.open(HEAD)
    expect(inner.head?.headers).toEqual({
      'Content-Type': 'text/event-stream',
      Vary: 'Accept-Encoding',
    })
    inner.isFrozen = true
    sink.write(bytesOf('data: a\n\n'))
    expect(coded().toString()).toBe('data: a\n\n')
    expect(sink.bufferedBytes).toBe(9)
    inner.isFrozen = false
    sink.end(false)
    expect(inner.log.at(-1)).toBe('<end>')
  })

  it.each([
    ['Origin', 'Origin, Accept-Encoding'],
    ['accept-encoding', 'accept-encoding'],
    ['Origin, Accept-Encoding', 'Origin, Accept-Encoding'],
    ['*', '*'],
    ['X-Accept-Encoding', 'X-Accept-Encoding, Accept-Encoding'],
  ])('keeps a Vary of %s', (earlier, expected) => {
    const { inner, sink } = setUp(createGzipCoder(false), 'test', { Vary: earlier })
    sink.open(HEAD)
    expect(inner.head?.headers['Vary']).toBe(expected)
  })

  it('leaves alone what somebody else encodes', () => {
    const { inner, sink, coded } = setUp(createGzipCoder(false), 'test', {
      'Content-Encoding': 'br',
    })
    sink.open(HEAD)
    expect(inner.head).toEqual(HEAD)
    sink.write(bytesOf('data: a\n\n'))
    expect(coded().toString()).toBe('data: a\n\n')
  })

  it('answers HEAD with the headers that GET would get, and refusals as they are', () => {
    const head = setUp(createGzipCoder(false))
    head.sink.reply(HEAD, '')
    expect(head.inner.head?.headers['Content-Encoding']).toBe('test')
    const soft = setUp(createGzipCoder(false))
    soft.sink.reply(HEAD, ':\nretry: 1000\n')
    expect(soft.inner.head).toEqual(HEAD)
    const gone = setUp(createGzipCoder(false))
    gone.sink.reply({ status: 204, headers: {} }, '')
    expect(gone.inner.head).toEqual({ status: 204, headers: {} })
  })

  it('counts plain bytes, and not that a client has taken some because more was written', () => {
    const { inner, sink } = setUp(createGzipCoder(false))
    sink.open(HEAD)
    expect(sink.bufferedBytes).toBe(0)
    inner.isFrozen = true
    let written = 0
    for (let count = 0; count < 20; count += 1) {
      const bytes = bytesOf(`data: ${'always the same '.repeat(10)}\n\n`)
      written += bytes.length
      sink.write(bytes)
      expect(written - sink.bufferedBytes).toBe(0)
    }
    inner.take(inner.bufferedBytes - 1)
    expect(sink.bufferedBytes).toBe(written / 20)
    inner.thaw()
    expect(sink.bufferedBytes).toBe(0)
  })

  it('asks to wait when the sink below does, and says when there is room', () => {
    const { inner, sink, told } = setUp(createGzipCoder(false))
    sink.open(HEAD)
    inner.isFrozen = true
    inner.highWaterMark = 10
    expect(sink.write(bytesOf('data: a\n\n'))).toBe(false)
    inner.thaw()
    expect(told).toEqual(['drained'])
    expect(sink.write(bytesOf('data: a\n\n'))).toBe(true)
  })

  it('ends with a complete body, and tells when that was handed over', () => {
    const { inner, sink, told, coded } = setUp(createGzipCoder(false))
    sink.open(HEAD)
    sink.write(bytesOf('data: a\n\n'))
    sink.end(false)
    expect(inner.log.at(-1)).toBe('<end>')
    expect(told).toEqual(['finished'])
    expect(gunzipSync(coded()).toString()).toBe('data: a\n\n')
  })

  it('passes on that the client left, and the end of everything', () => {
    const { inner, sink, told, writes } = setUp(createGzipCoder(false))
    sink.open(HEAD)
    sink.write(bytesOf('data: a\n\n'))
    inner.leave()
    expect(told).toEqual(['gone'])
    sink.destroy(new Error('x'), false)
    sink.release()
    expect(inner.log.at(-1)).toBe('<destroy>')
    expect(inner.isReleased).toBe(true)
    sink.write(bytesOf('data: b\n\n'))
    sink.end(false)
    expect(writes()).toBe(1)
  })
})

const STREAMING = [
  ['gzip', createGzipStreamCoder, (bytes: Buffer) => gunzipSync(bytes, FLUSHED)],
  [
    'brotli',
    createBrotliCoder,
    (bytes: Buffer) =>
      brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
  [
    'zstd',
    createZstdCoder,
    (bytes: Buffer) => zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush }),
  ],
] as const

const COMPRESSORS = { gzip: 'Gzip', brotli: 'BrotliCompress', zstd: 'ZstdCompress' } as const

describe.each(STREAMING)('a sink with a compressor of its own: %s', (name, createCoder, decode) => {
  it('lets out each write whole, in order', async () => {
    const { sink, coded, writes } = setUp(createCoder)
    sink.open(HEAD)
    let text = ''
    for (let count = 1; count <= 20; count += 1) {
      const event = `data: ${count} and what all of them have in common\n\n`
      text += event
      sink.write(bytesOf(event))
      await settled(() => writes() === count)
      expect(decode(coded()).toString()).toBe(text)
    }
    expect(coded().length).toBeLessThan(text.length / 2)
  })

  it('asks to wait while much is being compressed, which counts as held', async () => {
    const { sink, told, coded, writes } = setUp(createCoder)
    sink.open(HEAD)
    const bytes = bytesOf('x'.repeat(40_000))
    expect(sink.write(bytes)).toBe(true)
    expect(sink.bufferedBytes).toBe(40_000)
    expect(sink.write(bytes)).toBe(false)
    expect(sink.bufferedBytes).toBe(80_000)
    await settled(() => writes() === 2)
    expect(told).toContain('drained')
    expect(sink.bufferedBytes).toBe(0)
    expect(decode(coded())).toHaveLength(80_000)
  })

  it('counts what waits below as well as what is being compressed', async () => {
    const { inner, sink, writes } = setUp(createCoder)
    sink.open(HEAD)
    inner.isFrozen = true
    sink.write(bytesOf('x'.repeat(1_000)))
    await settled(() => writes() === 1)
    sink.write(bytesOf('y'.repeat(100)))
    expect(sink.bufferedBytes).toBe(1_100)
    await settled(() => writes() === 2)
    expect(sink.bufferedBytes).toBe(1_100)
    inner.thaw()
    expect(sink.bufferedBytes).toBe(0)
  })

  it('closes the compressor when it is released', () => {
    const destroy = vi.spyOn(zlib[COMPRESSORS[name]].prototype, 'destroy')
    const { sink } = setUp(createCoder)
    sink.open(HEAD)
    sink.release()
    expect(destroy).toHaveBeenCalledOnce()
    destroy.mockRestore()
  })

  it('ends complete, with what was written last', async () => {
    const { inner, sink, told, coded } = setUp(createCoder)
    sink.open(HEAD)
    sink.write(bytesOf('data: a\n\n'))
    sink.write(bytesOf('data: b\n\n'))
    sink.end(false)
    expect(inner.log).not.toContain('<end>')
    await settled(() => told.includes('finished'))
    expect(inner.log.at(-1)).toBe('<end>')
    expect(decode(coded()).toString()).toBe('data: a\n\ndata: b\n\n')
  })

  it('says nothing after it was released in the middle', async () => {
    const { sink, told, writes } = setUp(createCoder)
    sink.open(HEAD)
    sink.write(bytesOf('x'.repeat(100_000)))
    sink.end(false)
    sink.destroy(new Error('x'), false)
    sink.release()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(writes()).toBe(0)
    expect(told).toEqual([])
  })
})
