import { constants } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { defer, eventStreamResponse, http2Side, openStream, streamOf } from '../../test/support.ts'
import { connect } from './connect.ts'
import type { ReceivedChunk } from './received.ts'
import type { NodeListener } from './target.ts'

const texts = (chunks: readonly ReceivedChunk[]) =>
  chunks.map(({ bytes }) => new TextDecoder().decode(bytes))

describe('chunks', () => {
  it('are the pieces in which the body came, with their times', async () => {
    const connection = await connect(() =>
      eventStreamResponse(streamOf(['data: a\n', '\n', ':\n'])),
    )
    await connection.ended()
    const { chunks, response, text } = connection
    expect(texts(chunks)).toEqual(['data: a\n', '\n', ':\n'])
    const times = [response.atMs, ...chunks.map(({ atMs }) => atMs)]
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(text).toBe('data: a\n\n:\n')
  })
})

describe('HTTP/1.1', () => {
  it('keeps apart writes that arrive together', async () => {
    await using connection = await connect((_req, res) => {
      openStream(res)
      res.write('data: a\n\n')
      res.write('data: b\n')
      res.end('\n')
    })
    await connection.ended()
    expect(texts(connection.chunks)).toEqual(['data: a\n\n', 'data: b\n', '\n'])
  })

  it('reports a socket that closes in the middle of a chunked body, after what came', async () => {
    await using connection = await connect((req, res) => {
      openStream(res)
      for (let n = 0; n < 100; n++) res.write(`data: ${n}\n\n`)
      res.write('data: last\n\n', () => req.socket.destroy())
    })
    expect(await connection.ended()).toBe('cut')
    expect((await connection.take(101)).at(-1)?.data).toBe('last')
  })

  it('reports a reset', async () => {
    await using connection = await connect((req, res) => {
      openStream(res).write('data: a\n\n', () => req.socket.resetAndDestroy())
    })
    expect(await connection.ended()).toBe('cut')
  })

  it('reports a body that is shorter than announced', async () => {
    await using connection = await connect((req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100' })
      res.write('data: a\n\n', () => req.socket.end())
    })
    expect(await connection.ended()).toBe('cut')
  })

  it('takes the end of the connection for the end of a body without length', async () => {
    await using connection = await connect((req, res) => {
      res.useChunkedEncodingByDefault = false
      res.removeHeader('transfer-encoding')
      openStream(res).write('data: a\n\n', () => req.socket.end())
    })
    expect(await connection.ended()).toBe('completed')
  })

  it('keeps headers that come more than once', async () => {
    await using connection = await connect((_req, res) => {
      res.appendHeader('set-cookie', 'a=1').appendHeader('set-cookie', 'b=2').end()
    })
    expect(connection.response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })
})

describe('HTTP/2', () => {
  const open = (listener: NodeListener) => connect(listener, { http2: true })

  it('tells a complete body from a cancelled one', async () => {
    await using complete = await open((_req, res) => void openStream(res).end('data: a\n\n'))
    expect(await complete.ended()).toBe('completed')
    await using cancelled = await open((_req, res) => {
      openStream(res).write('data: a\n\n', () => {
        http2Side(res).stream.close(constants.NGHTTP2_CANCEL)
      })
    })
    expect(await cancelled.ended()).toBe('cut')
    expect(await cancelled.take(1)).toHaveLength(1)
  })

  it('reports a stream that is reset with an error', async () => {
    await using connection = await open((_req, res) => {
      openStream(res).write('data: a\n\n', () => {
        http2Side(res).stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      })
    })
    expect(await connection.ended()).toBe('cut')
  })

  it('reports a session that is destroyed', async () => {
    await using connection = await open((_req, res) => {
      openStream(res).write('data: a\n\n', () => http2Side(res).stream.session?.destroy())
    })
    expect(await connection.ended()).toBe('cut')
  })

  it('keeps apart writes that were made one after the other', async () => {
    const gate = defer()
    await using connection = await open(async (_req, res) => {
      openStream(res).write('data: a\n\n')
      await gate.promise
      res.end('data: b\n\n')
    })
    await connection.nextEvent()
    gate.resolve()
    await connection.ended()
    expect(texts(connection.chunks)).toEqual(['data: a\n\n', 'data: b\n\n'])
  })
})

describe('readAheadBytes', () => {
  /** A body that counts how often it was pulled; nothing is buffered between it and its reader. */
  function counting() {
    const chunk = new TextEncoder().encode('data: x\n\n')
    const counter = { pulls: 0 }
    const body = new ReadableStream(
      {
        pull: (controller) => {
          counter.pulls++
          controller.enqueue(chunk)
        },
      },
      { highWaterMark: 0 },
    )
    return { counter, handler: () => eventStreamResponse(body) }
  }

  it('of 0 asks a fetch handler only for what the test waits for', async () => {
    const { counter, handler } = counting()
    await using connection = await connect(handler, { readAheadBytes: 0 })
    expect(counter.pulls).toBe(0)
    await connection.take(3)
    await connection.take(2)
    expect(counter.pulls).toBe(5)
  })

  it('stops an endless source that nobody waits for', async () => {
    const { counter, handler } = counting()
    await using connection = await connect(handler, { readAheadBytes: 90 })
    await connection.waitFor(({ chunks }) => chunks.length >= 5)
    await connection.nextEvent()
    await connection.waitFor(({ chunks }) => chunks.length >= 11)
    expect(counter.pulls).toBe(11)
  })

  it('is enough by default to read on while the test does something else', async () => {
    const { handler } = counting()
    await using connection = await connect(handler)
    await connection.take(3)
    await connection.waitFor(({ received }) => received.length > 1_000)
    await connection.take(1_000)
  })
})
