import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { defer, EVENT_STREAM, streamOf } from '../../test/support.ts'
import { connect } from './connect.ts'
import type { NodeListener } from './target.ts'

const answer = (coding: string, ...chunks: Uint8Array[]) =>
  connect(
    () =>
      new Response(streamOf(chunks), { headers: { ...EVENT_STREAM, 'content-encoding': coding } }),
  )

const datas = async (coding: string, ...chunks: Uint8Array[]) =>
  (await (await answer(coding, ...chunks)).all()).map(({ data }) => data)

describe('a response with a content encoding', () => {
  it('is decoded as it comes: each flush of the server is seen at once', async () => {
    const gate = defer()
    const compressing: NodeListener = async (req, res) => {
      res.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' })
      const gzip = createGzip()
      gzip.pipe(res)
      gzip.write(`data: ${req.headers['accept-encoding']}\n\n`)
      gzip.flush()
      await gate.promise
      gzip.end('data: two\n\n')
    }
    for (const http2 of [false, true]) {
      const headers = { 'accept-encoding': 'gzip' }
      await using connection = await connect(compressing, { http2, headers })
      expect((await connection.nextEvent()).data).toBe('gzip')
      expect(connection.response.headers.get('content-encoding')).toBe('gzip')
      expect(connection.text).toBe('data: gzip\n\n')
      gate.resolve()
      expect((await connection.nextEvent()).data).toBe('two')
      expect(await connection.ended()).toBe('completed')
    }
  })

  it('may be compressed in any of the usual ways', async () => {
    const body = Buffer.from('data: a\n\n')
    expect(await datas('gzip', gzipSync(body))).toEqual(['a'])
    expect(await datas('X-Gzip', gzipSync(body))).toEqual(['a'])
    expect(await datas('deflate', deflateSync(body))).toEqual(['a'])
    expect(await datas('br', brotliCompressSync(body))).toEqual(['a'])
    expect(await datas('zstd', zstdCompressSync(body))).toEqual(['a'])
    expect(await datas('identity', body)).toEqual(['a'])
  })

  it('has come whole when an HTTP/2 stream is closed, though the last bytes came while others were decoded', async () => {
    const answer: NodeListener = (_req, res) => {
      const bytes = gzipSync('data: a\n\n')
      res.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' })
      res.write(bytes.subarray(0, 10))
      res.end(bytes.subarray(10))
    }
    await using connection = await connect(answer, { http2: true })
    expect((await connection.all()).map(({ data }) => data)).toEqual(['a'])
    expect(await connection.ended()).toBe('completed')
  })

  it('may be compressed twice', async () => {
    const body = gzipSync(brotliCompressSync('data: a\n\n'))
    expect(await datas('br, gzip', body)).toEqual(['a'])
  })

  it('may come in single bytes', async () => {
    const bytes = Array.from(gzipSync('data: a\n\n'), (byte) => Uint8Array.of(byte))
    expect(await datas('gzip', ...bytes)).toEqual(['a'])
  })

  it('may be larger than the pieces that a decoder makes', async () => {
    const data = 'x'.repeat(1_000_000)
    expect(await datas('gzip', gzipSync(`data: ${data}\n\n`))).toEqual([data])
  })

  it('may have no body, as the response to HEAD', async () => {
    expect(await datas('gzip')).toEqual([])
  })

  it('is cut where its compression is not complete, after what came', async () => {
    const bytes = gzipSync('data: a\n\ndata: b\n\n')
    const connection = await answer('gzip', bytes.subarray(0, -8))
    expect(await connection.ended()).toBe('cut')
    expect(await connection.take(2)).toHaveLength(2)
    await expect(connection.nextEvent()).rejects.toThrow('the connection broke: unexpected end')
  })

  it('is cut where it is not what it says', async () => {
    const connection = await answer('gzip', Buffer.from('data: a\n\n'))
    await expect(connection.nextEvent()).rejects.toThrow('incorrect header check')
  })

  it('says which encoding it cannot decode, and goes away', async () => {
    const cancelled = defer()
    const body = new ReadableStream({ cancel: () => cancelled.resolve() })
    const headers = { ...EVENT_STREAM, 'content-encoding': 'lzma' }
    const connection = await connect(() => new Response(body, { headers }))
    await cancelled.promise
    await expect(connection.nextEvent()).rejects.toThrow(
      'the content encoding `lzma` cannot be decoded, only gzip, x-gzip, deflate, br, zstd can',
    )
  })

  it('can be closed in the middle', async () => {
    const cancelled = defer()
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(gzipSync('data: a\n\n').subarray(0, -8)),
      cancel: () => cancelled.resolve(),
    })
    const headers = { ...EVENT_STREAM, 'content-encoding': 'gzip' }
    const connection = await connect(() => new Response(body, { headers }))
    await connection.nextEvent()
    await connection.close()
    await cancelled.promise
    expect(await connection.ended()).toBe('closed')
  })
})
