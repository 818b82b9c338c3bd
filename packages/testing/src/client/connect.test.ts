import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  defer,
  EVENT_STREAM,
  eventStreamResponse,
  http2Side,
  openStream,
  rejection,
} from '../../test/support.ts'
import { serve } from '../serve.ts'
import { connect } from './connect.ts'
import type { NodeListener } from './target.ts'

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}

const echo: NodeListener = async (req, res) => {
  const { method, url, headers } = req
  const { accept, 'content-type': type, 'last-event-id': id } = headers
  const body = await bodyOf(req)
  openStream(res).end(`data: ${JSON.stringify({ method, url, accept, type, id, body })}\n\n`)
}

describe('the request', () => {
  it('reaches a listener over HTTP/1.1', async () => {
    await using connection = await connect(echo, { path: '/chat?a=1', body: { question: 'ä' } })
    expect((await connection.nextEvent()).json()).toEqual({
      method: 'POST',
      url: '/chat?a=1',
      accept: 'text/event-stream',
      type: 'application/json',
      body: '{"question":"ä"}',
    })
  })

  it('reaches a listener over HTTP/2', async () => {
    await using connection = await connect(echo, { http2: true, path: '/chat', body: 'hi' })
    expect((await connection.nextEvent()).json()).toMatchObject({
      method: 'POST',
      url: '/chat',
      body: 'hi',
    })
  })

  it('reaches a fetch handler', async () => {
    const handler = async (request: Request) =>
      eventStreamResponse(`data: ${request.method} ${request.url} ${await request.text()}\n\n`)
    await using connection = await connect(handler, { path: '/chat', body: { a: 1 } })
    expect((await connection.nextEvent()).data).toBe('POST http://localhost/chat {"a":1}')
  })

  it('carries a last event ID in UTF-8 over HTTP/1.1', async () => {
    await using connection = await connect(echo, { lastEventId: 'ä1' })
    const { id } = (await connection.nextEvent()).json<{ id: string }>()
    expect(Buffer.from(id, 'latin1').toString('utf8')).toBe('ä1')
  })

  it('carries a last event ID in UTF-8 over HTTP/2', async () => {
    await using connection = await connect(echo, { http2: true, lastEventId: 'ä1' })
    const { id } = (await connection.nextEvent()).json<{ id: string }>()
    expect(Buffer.from(id, 'latin1').toString('utf8')).toBe('ä1')
  })

  it('may be a HEAD, whose response has no body', async () => {
    const connection = await connect((_req, res) => void openStream(res).end(), { method: 'HEAD' })
    expect(connection.response.status).toBe(200)
    expect(await connection.all()).toEqual([])
  })
})

describe('the response', () => {
  const unavailable: NodeListener = (_req, res) => {
    res.writeHead(503, { 'content-type': 'application/json', 'retry-after': '3' })
    res.end('{"error":"full"}')
  }

  it('can be inspected when it is no event stream', async () => {
    await using connection = await connect(unavailable)
    expect(connection.response.status).toBe(503)
    expect(connection.response.headers.get('retry-after')).toBe('3')
    expect(await connection.response.json()).toEqual({ error: 'full' })
    expect(await connection.response.text()).toBe('{"error":"full"}')
  })

  it('is named by the error when events are asked of it', async () => {
    await using connection = await connect(unavailable, {
      path: '/chat?a=1',
      method: 'POST',
      http2: true,
    })
    const error = await rejection(connection.nextEvent())
    expect(error.code).toBe('ERR_SSE_TEST_NOT_AN_EVENT_STREAM')
    expect(error.message).toMatch(
      /^POST http:\/\/127\.0\.0\.1:\d+\/chat\?a=1: not an event stream, which is 200 text\/event-stream: the response is 503 application\/json, its body is "\{\\"error\\":\\"full\\"\}"$/,
    )
  })

  it('is no event stream for any method that takes events', async () => {
    const connection = await connect(() => new Response('data: a\n\n'))
    const loop = async () => {
      for await (const event of connection) throw new Error(`unexpected ${event.data}`)
    }
    const calls = [connection.take(1), connection.until('a'), connection.all(), loop()]
    const codes = await Promise.all(calls.map(async (call) => (await rejection(call)).code))
    expect(codes).toEqual(calls.map(() => 'ERR_SSE_TEST_NOT_AN_EVENT_STREAM'))
    expect(await connection.ended()).toBe('completed')
  })

  it('is no event stream when its status is not 200', async () => {
    const connection = await connect(() => eventStreamResponse('data: a\n\n', 201))
    const { message } = await rejection(connection.nextEvent())
    expect(message).toContain('the response is 201 text/event-stream')
  })

  it('is shown by its first bytes while the rest never comes', async () => {
    await using connection = await connect((_req, res) => {
      res.writeHead(404, { 'content-type': 'text/html' })
      res.write(`<h1>${'x'.repeat(200)}`)
    })
    const { message } = await rejection(connection.nextEvent())
    expect(message).toContain('the response is 404 text/html, its body is "<h1>xxx')
  })

  it('may have a charset and any case in its content type', async () => {
    const headers = { 'content-type': 'Text/Event-Stream; charset=utf-8' }
    const connection = await connect(() => new Response('data: a\n\n', { headers }))
    expect(await connection.take(1)).toHaveLength(1)
  })

  it('may have no body at all', async () => {
    const connection = await connect(() => new Response(null, { status: 204 }))
    expect(await connection.response.text()).toBe('')
  })
})

describe('connect rejects', () => {
  it('when nothing listens', async () => {
    const app = await serve(echo)
    await app.close()
    for (const http2 of [false, true]) {
      expect(await rejection(connect(app.url, { http2 }))).toMatchObject({
        code: 'ERR_SSE_TEST_NO_RESPONSE',
        message: expect.stringMatching(/^GET http:\S+ got no response: connect ECONNREFUSED/),
      })
    }
  })

  it('when the server drops the connection', async () => {
    const error = await rejection(connect((_req, res) => void res.destroy()))
    expect(error.code).toBe('ERR_SSE_TEST_NO_RESPONSE')
  })

  it('when the server resets the HTTP/2 stream', async () => {
    const target: NodeListener = (_req, res) => http2Side(res).stream.close(8)
    const error = await rejection(connect(target, { http2: true }))
    expect(error.code).toBe('ERR_SSE_TEST_NO_RESPONSE')
  })

  it('when no head comes in time, and lets the server know', async () => {
    const gone = defer()
    const never: NodeListener = (_req, res) => void res.on('close', gone.resolve)
    const error = await rejection(connect(never, { timeoutMs: 50 }))
    expect(error.code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(error.message).toMatch(/^GET http:\S+: no response head came within 50 ms;/)
    await gone.promise
  })

  it('when its signal is aborted before the head', async () => {
    const client = new AbortController()
    const reason = new Error('enough')
    const handler = (request: Request) =>
      new Promise<Response>(() => {
        request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason))
        client.abort(reason)
      })
    const aborted = defer<unknown>()
    await expect(connect(handler, { signal: client.signal })).rejects.toBe(reason)
    expect(await aborted.promise).toBe(reason)
  })

  it('when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('before'))
    await expect(connect(echo, { signal })).rejects.toThrow('before')
  })

  it('with what a fetch handler throws', async () => {
    const thrown = new Error('in the handler')
    await expect(connect(() => Promise.reject(thrown))).rejects.toBe(thrown)
  })

  it('when what was taken for a fetch handler is none', async () => {
    const error = await rejection(connect((() => {}) as unknown as () => Response))
    expect(error.code).toBe('ERR_SSE_TEST_TARGET')
    expect(error.message).toContain('wrap a Node request listener in `createServer()`')
  })

  it('when HTTP/2 is asked of a fetch handler', async () => {
    const error = await rejection(connect(() => new Response(), { http2: true }))
    expect(error.code).toBe('ERR_SSE_TEST_OPTION')
  })

  it('when a fetch request cannot have such a method and body', async () => {
    const error = await rejection(connect(() => new Response(), { method: 'GET', body: 'a' }))
    expect(error.code).toBe('ERR_SSE_TEST_OPTION')
    expect(error.message).toMatch(/^`method` must be one that a fetch `Request` can have/)
  })

  it('when HTTP/2 forbids a header', async () => {
    const options = { http2: true, headers: { connection: 'close' } }
    const error = await rejection(connect(echo, options))
    expect(error.code).toBe('ERR_SSE_TEST_NO_RESPONSE')
    expect(error.message).toContain('"connection"')
  })

  it('when a limit is none', async () => {
    for (const name of ['readAheadBytes', 'timeoutMs']) {
      const error = await rejection(connect(echo, { [name]: -1 }))
      expect(error.code).toBe('ERR_SSE_TEST_OPTION')
      expect(error.message).toContain(`\`${name}\` must be a non-negative number of`)
    }
  })
})

describe('a server that listens already', () => {
  it('is used and left running', async () => {
    const server = createServer(
      (_req, res) => void res.writeHead(200, EVENT_STREAM).end('data:\n\n'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    for (const round of [1, 2]) {
      const connection = await connect(server)
      expect(await connection.take(1), `round ${round}`).toHaveLength(1)
      await connection.close()
    }
    expect(server.listening).toBe(true)
    server.close()
  })
})
