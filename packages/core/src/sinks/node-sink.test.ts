import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectHttp2, constants } from 'node:http2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  bodyOf,
  openRaw,
  send,
  serveHttp,
  serveHttp2,
  type TestServer,
  until,
} from '../../test/node-server.ts'
import type { EventStream } from '../connection/event-stream.ts'
import type { SseError } from '../errors.ts'
import { createSse, type NodeContext, type Sse } from '../node-sse.ts'
import type { RouteOptions, SseOptions } from '../options.ts'
import type { Handler } from '../sse.ts'
import { createNodeSink } from './node-sink.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const fatal = vi.fn()
const stops: (() => Promise<void>)[] = []
beforeEach(() => {
  process.on('unhandledRejection', fatal)
  process.on('uncaughtException', fatal)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  process.off('unhandledRejection', fatal)
  process.off('uncaughtException', fatal)
  expect(fatal).not.toHaveBeenCalled()
  fatal.mockReset()
})

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

type NodeStreamHandler = Handler<Record<string, unknown>, NodeContext>

interface Fixture extends TestServer {
  readonly sse: Sse
  readonly ends: string[]
  /** What the framework would get. */
  readonly failures: SseError[]
}

interface Setup {
  readonly options?: SseOptions<NodeContext>
  readonly route?: RouteOptions<NodeContext>
  /** What middleware does before. */
  readonly before?: (req: IncomingMessage, res: ServerResponse) => unknown
  readonly serve?: (listener: never) => Promise<TestServer>
}

async function start(handler: NodeStreamHandler, setup: Setup = {}): Promise<Fixture> {
  const { options, route, before, serve = serveHttp } = setup
  const ends: string[] = []
  const failures: SseError[] = []
  const sse = createSse({
    ...options,
    onEnd: (reason) => void ends.push(reason),
    onError: () => undefined,
  })
  const answer = sse.handler(handler, route)
  const listener = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    await before?.(req, res)
    await answer(req, res).catch((error: SseError) => {
      failures.push(error)
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
  }
  const server = await serve(listener as never)
  stops.push(
    () => sse.close({ graceMs: 0 }),
    () => server[Symbol.asyncDispose](),
  )
  return Object.assign(server, { sse, ends, failures })
}

const untilEnd = async (stream: EventStream): Promise<void> => void (await stream.ended)

describe('over HTTP/1.1', () => {
  it('sends the head and all events, and keeps the connection', async () => {
    const { url, ends } = await start(() => ['a', { event: 'b', data: { n: 1 }, id: 7 }])
    const response = await send(url)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
    })
    expect(await bodyOf(response)).toBe(':\ndata: a\n\nevent: b\ndata: {"n":1}\nid: 7\n\n')
    await until(() => ends.length === 1)
    expect(ends).toEqual(['completed'])
  })

  it('sends one request after the other over one connection', async () => {
    const { port, ends } = await start((_stream, { req }) => [`from ${req.url}`])
    const client = openRaw(port, 'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('0\r\n\r\n')
    client.socket.write('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('from /2')
    await until(() => ends.length === 2)
    client.socket.destroy()
  })

  it('sends everything that was written before the end, however much it is', async () => {
    const { url, ends } = await start(async function* () {
      for (let count = 0; count < 200; count += 1) yield `${count} ${'x'.repeat(20_000)}`
    })
    const body = await bodyOf(await send(url))
    expect(body.match(/^data: \d+ x{20000}$/gm)).toHaveLength(200)
    expect(ends).toEqual(['completed'])
  })

  it('notices a client that left', async () => {
    const { url, ends, sse } = await start(untilEnd)
    const response = await send(url)
    await until(() => sse.stats().active === 1)
    response.destroy()
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })

  it('does not mistake a request body that was read for a client that left', async () => {
    const { url, ends } = await start(
      async (stream, { req }) => {
        if (!req.closed) await once(req, 'close')
        await stream.send('still here')
      },
      {
        before: async (req) => {
          for await (const chunk of req) expect(chunk).toBeDefined()
        },
      },
    )
    const response = await send(url, { method: 'POST', body: '{"a":1}' })
    expect(await bodyOf(response)).toBe(':\ndata: still here\n\n')
    expect(ends).toEqual(['completed'])
  })

  it('notices a client that left before the handler ran', async () => {
    const calls: string[] = []
    let isIn = false
    const { port, sse } = await start(() => void calls.push('handler'), {
      before: async (_req, res) => {
        isIn = true
        await once(res, 'close')
      },
    })
    const { socket } = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => isIn)
    socket.destroy()
    await until(() => isIn && sse.stats().active === 0)
    expect(calls).toEqual([])
    expect(sse.stats().opened).toBe(0)
  })

  it('notices that the client left while the response still waits for another one', async () => {
    const { port, ends, sse } = await start(untilEnd)
    const { socket, until: received } = openRaw(
      port,
      'GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n',
    )
    await received(':\n')
    await until(() => sse.stats().active === 2)
    socket.destroy()
    await until(() => ends.length === 2)
    expect(ends).toEqual(['client-disconnect', 'client-disconnect'])
  })

  it('answers HEAD with the head alone', async () => {
    const { url, sse } = await start(() => ['never'])
    const response = await send(url, { method: 'HEAD' })
    expect(response.headers['content-type']).toBe('text/event-stream')
    expect(await bodyOf(response)).toBe('')
    expect(sse.stats().opened).toBe(0)
  })

  it('keeps headers of earlier middleware, but for the length of another body', async () => {
    const { url } = await start(() => ['a'], {
      before: (_req, res) => {
        res.setHeader('Cache-Control', 'private')
        res.setHeader('Content-Length', '5')
        res.setHeader('Vary', ['Origin', 'Accept'])
        res.setHeader('X-Accel-Buffering', 'yes')
      },
    })
    const { headers } = await send(url)
    expect(headers).toMatchObject({
      'cache-control': 'private, no-transform',
      vary: 'Origin, Accept',
      'x-accel-buffering': 'yes',
    })
    expect(headers['content-length']).toBeUndefined()
  })

  it.each([
    ['7', '7'],
    [Buffer.from('€uro').toString('latin1'), '€uro'],
    ['1\r\nLast-Event-ID: 2', '1, 2'],
  ])('reads the last event ID from the header %j', async (sent, read) => {
    const { port } = await start((stream) => [{ data: { id: stream.lastEventId } }])
    const client = openRaw(port, '')
    client.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${sent}\r\n\r\n`, 'latin1')
    await client.until(JSON.stringify({ id: read }))
    client.socket.destroy()
  })

  it('closes the connection on shutdown, after the farewell', async () => {
    const { port, sse, ends } = await start(untilEnd)
    const client = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
    await client.until(':\n')
    await sse.close({ event: 'bye' })
    await client.closed
    expect(client.received()).toMatch(/retry: \d+\ndata: bye\n\n\r\n0\r\n\r\n$/)
    expect(ends).toEqual(['shutdown'])
  })

  it('drops the connection of a client that never reads, after sendTimeoutMs', async () => {
    const { port, ends, sse } = await start(
      async function* () {
        for (;;) yield 'x'.repeat(65_536)
      },
      { options: { sendTimeoutMs: 200 } },
    )
    const { socket } = openRaw(port, GET)
    socket.pause()
    await until(() => ends.length === 1)
    expect(ends).toEqual(['send-timeout'])
    expect(sse.stats()).toMatchObject({ active: 0, stalled: 0 })
    socket.destroy()
  })

  it('counts no stream as stalled whose client reads', async () => {
    const { port, sse } = await start(async (stream) => {
      void stream.send('event')
      await stream.ended
    })
    const clients = [openRaw(port, GET), openRaw(port, GET)]
    for (const client of clients) await client.until('event')
    expect(sse.stats()).toMatchObject({ active: 2, stalled: 0 })
    for (const { socket } of clients) socket.destroy()
  })

  it('leaves no listener on request, response and socket', async () => {
    const counts = (emitter: EventEmitter) =>
      ['drain', 'finish', 'close', 'aborted'].map((name) => emitter.listenerCount(name))
    let context: NodeContext | undefined
    const seen: number[][][] = []
    const { url, ends } = await start(
      async (stream, opened) => {
        context = opened
        await stream.send('a')
      },
      {
        before: (req, res) => {
          seen.push([counts(req), counts(res), counts(req.socket)])
        },
        options: {
          onEnd: () => undefined,
        },
      },
    )
    await bodyOf(await send(url))
    await until(() => ends.length === 1)
    const { req, res } = context as { req: IncomingMessage; res: ServerResponse }
    expect(counts(res).slice(0, 2)).toEqual(seen[0]?.[1]?.slice(0, 2))
    expect(res.listenerCount('close')).toBeLessThanOrEqual(seen[0]?.[1]?.[2] ?? 0)
    expect(req.listenerCount('error')).toBe(0)
    expect(res.listenerCount('error')).toBe(1)
  })
})

describe('a response that somebody else uses', () => {
  it('was sent before: the stream is refused', async () => {
    const { url, failures, sse } = await start(() => ['never'], {
      before: (_req, res) => res.writeHead(202).write('mine'),
    })
    const response = await send(url)
    expect(response.statusCode).toBe(202)
    expect(await bodyOf(response)).toBe('mine')
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_SSE_RESPONSE_SENT' })])
    expect(sse.stats()).toMatchObject({ active: 0, opened: 0 })
  })

  it('is answered by the handler itself: the stream is refused', async () => {
    const { url, failures, sse } = await start((_stream, { res }) => {
      ;(res as ServerResponse).writeHead(403).end('no')
    })
    const response = await send(url)
    expect(response.statusCode).toBe(403)
    expect(await bodyOf(response)).toBe('no')
    expect(failures).toEqual([expect.objectContaining({ code: 'ERR_SSE_RESPONSE_SENT' })])
    expect(sse.stats().active).toBe(0)
  })

  it('is destroyed by the handler: the stream ends, with no error', async () => {
    const { port, ends, failures, sse } = await start(async (stream, { res }) => {
      ;(res as ServerResponse).destroy()
      await stream.ended
    })
    const { closed } = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await closed
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
    expect(failures).toEqual([])
    expect(sse.stats().active).toBe(0)
  })

  it('is answered while the request stands in line: it leaves the line', async () => {
    let answer = (): void => undefined
    const { port, failures, sse } = await start(untilEnd, {
      options: { limit: { maxConnections: 1, maxQueued: 1, queueTimeoutMs: false } },
      before: (req, res) => {
        if (req.url === '/late') answer = () => void res.writeHead(503).end('too late')
      },
    })
    const first = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await first.until(':\n')
    const late = openRaw(port, 'GET /late HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => sse.stats().queued === 1)
    answer()
    await late.until('too late')
    await until(() => sse.stats().queued === 0)
    expect([sse.stats().active, failures]).toEqual([1, []])
    first.socket.destroy()
    late.socket.destroy()
  })

  it('is ended while the stream is open: the stream ends as closed', async () => {
    const { url, ends } = await start(async (stream, { res }) => {
      await stream.send('a')
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      ;(res as ServerResponse).end('data: mine\n\n')
      await stream.ended
    })
    const body = await bodyOf(await send(url))
    expect(body).toContain('data: a\n\n')
    await until(() => ends.length === 1)
    expect(ends).toEqual(['closed'])
  })
})

describe('middleware that wraps the response', () => {
  it.each(['write', 'end'] as const)(
    'and throws in %s ends the stream, nothing else',
    async (name) => {
      const { port, ends, sse } = await start(() => ['a'], {
        before: (_req, res) => {
          res[name] = () => {
            throw new Error('compressor broke')
          }
        },
      })
      const { closed } = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await closed
      await until(() => ends.length === 1)
      expect(ends).toEqual(['client-disconnect'])
      expect(sse.stats()).toMatchObject({ active: 0, opened: 1 })
    },
  )

  it('and puts a stream of its own on the response leaves it one of HTTP/1.1', async () => {
    const { url, ends } = await start(() => ['a'], {
      before: (_req, res) => void Object.assign(res, { stream: {} }),
    })
    expect(await bodyOf(await send(url))).toBe(':\ndata: a\n\n')
    expect(ends).toEqual(['completed'])
  })

  it('and set a length for another answer does not cut a refusal', async () => {
    const { url } = await start(untilEnd, {
      options: { limit: { maxConnections: 1 } },
      before: (_req, res) => void res.setHeader('Content-Length', '3'),
    })
    await send(url)
    const response = await send(url)
    expect(response.statusCode).toBe(503)
    expect(JSON.parse(await bodyOf(response))).toMatchObject({ error: { code: 'server-limit' } })
  })

  it('and throws in writeHead leaves the error to the framework', async () => {
    const { url, failures, sse } = await start(() => ['a'], {
      before: (_req, res) => {
        const { writeHead } = res
        res.writeHead = () => {
          res.writeHead = writeHead
          throw new Error('bad header')
        }
      },
    })
    const response = await send(url)
    expect(response.statusCode).toBe(500)
    expect(failures).toEqual([new Error('bad header')])
    expect(sse.stats().active).toBe(0)
  })

  it('and holds events back is flushed after each write', async () => {
    const held: string[] = []
    const { url } = await start(
      async (stream) => {
        await stream.send('a')
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
        await stream.send('b')
      },
      {
        before: (_req, res) => {
          const write = res.write.bind(res)
          let waiting: Uint8Array[] = []
          res.write = (chunk: Uint8Array) => {
            waiting.push(chunk)
            return true
          }
          Object.assign(res, {
            flush: () => {
              held.push(Buffer.concat(waiting).toString())
              write(Buffer.concat(waiting))
              waiting = []
            },
          })
        },
      },
    )
    expect(await bodyOf(await send(url))).toBe(':\ndata: a\n\ndata: b\n\n')
    expect(held).toEqual([':\ndata: a\n\n', 'data: b\n\n'])
  })
})

describe('responses that wait on one socket', () => {
  it('share a listener for its close', async () => {
    const warnings: string[] = []
    const warn = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', warn)
    const { port, sse } = await start(untilEnd)
    const client = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50))
    await until(() => sse.stats().active === 50)
    client.socket.destroy()
    await until(() => sse.stats().active === 0)
    process.off('warning', warn)
    expect(warnings).toEqual([])
  })
})

// The preface, settings and a window as large as they get, and GET / without TLS: all that the protocol asks for.
const HTTP2_REQUEST = Buffer.from(
  [
    '505249202a20485454502f322e300d0a0d0a534d0d0a0d0a',
    '000006040000000000' + '00047fffffff',
    '000004080000000000' + '7fff0000',
    '00000e010500000001' + '828684' + '4109' + '6c6f63616c686f7374',
  ].join(''),
  'hex',
)

describe('over HTTP/2', () => {
  async function open(url: string, headers: Record<string, string> = {}) {
    const session = connectHttp2(url)
    session.on('error', () => undefined)
    stops.push(async () => session.destroy())
    const stream = session.request({ ':path': '/', ...headers })
    stream.on('error', () => undefined)
    stream.setEncoding('utf8')
    let text = ''
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    const [head] = await once(stream, 'response')
    return { session, stream, head, text: () => text }
  }
  const http2 = { serve: serveHttp2 as never }

  it('sends the head and all events', async () => {
    const { url, ends } = await start(() => ['a', 'b'], http2)
    const { stream, head, text } = await open(url)
    if (!stream.closed) await once(stream, 'close')
    expect(head).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream' })
    expect(head).not.toHaveProperty('connection')
    expect(text()).toBe(':\ndata: a\n\ndata: b\n\n')
    await until(() => ends.length === 1)
    expect(ends).toEqual(['completed'])
  })

  it('notices a stream that the client reset', async () => {
    const { url, ends } = await start(untilEnd, http2)
    const { stream, text } = await open(url)
    await until(() => text() === ':\n')
    stream.close(constants.NGHTTP2_CANCEL)
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })

  it('notices a stream that the client reset with an error, which nobody else has to catch', async () => {
    const { url, ends } = await start(untilEnd, http2)
    const { stream, text } = await open(url)
    await until(() => text() === ':\n')
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })

  it('swallows the error of a reset, which Node tells the request', () => {
    const req = Object.assign(new EventEmitter(), { httpVersionMajor: 2 })
    createNodeSink(req as never, { stream: new EventEmitter() } as never)
    expect(() => req.emit('error', new Error('ERR_HTTP2_STREAM_ERROR'))).not.toThrow()
  })

  it('is gone as soon as its stream is closed or destroyed', () => {
    const stream = Object.assign(new EventEmitter(), { destroyed: false, closed: false })
    const req = Object.assign(new EventEmitter(), { httpVersionMajor: 2 })
    const sink = createNodeSink(req as never, { stream } as never)
    expect(sink.isGone).toBe(false)
    stream.closed = true
    expect(sink.isGone).toBe(true)
    Object.assign(stream, { closed: false, destroyed: true })
    expect(sink.isGone).toBe(true)
  })

  it('notices a full stream that the client reset, without any error', async () => {
    const { url, ends } = await start(function* () {
      for (;;) yield 'x'.repeat(10_000)
    }, http2)
    const { stream } = await open(url)
    stream.pause()
    await until(() => stream.readableLength > 30_000)
    stream.close(constants.NGHTTP2_NO_ERROR)
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })

  it('drops the connection of a client that reads nothing when the grace time is over', async () => {
    const { port, sse, ends } = await start(function* () {
      for (;;) yield 'x'.repeat(10_000)
    }, http2)
    const client = openRaw(port, '')
    client.socket.write(HTTP2_REQUEST)
    client.socket.pause()
    await until(() => sse.stats().stalled === 1)
    await sse.close({ graceMs: 50 })
    expect(ends).toEqual(['shutdown'])
    client.socket.resume()
    await client.closed
  })

  it('leaves no listener on the connection for each of its streams that it drops', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warn)
    const { url, sse, ends } = await start(function* () {
      for (;;) yield 'x'.repeat(10_000)
    }, http2)
    const { session, stream } = await open(url)
    stream.pause()
    for (let count = 1; count < 15; count += 1) {
      // They are cut, which is an error of theirs.
      session
        .request()
        .on('error', () => undefined)
        .pause()
    }
    await until(() => sse.stats().stalled === 15)
    await sse.close({ graceMs: 50 })
    // Warnings come a turn later.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warn)
    expect(ends).toHaveLength(15)
    expect(warnings).toEqual([])
  })

  it('notices a session that the client dropped', async () => {
    const { url, ends } = await start(untilEnd, http2)
    const { session, text } = await open(url)
    await until(() => text() === ':\n')
    session.destroy()
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })

  it('ends one stream and leaves the others of its session', async () => {
    const { url, ends } = await start(async (stream, { req }) => {
      if (req.url === '/short') return
      await stream.ended
    }, http2)
    const long = await open(url)
    const short = long.session.request({ ':path': '/short' })
    short.resume()
    await once(short, 'close')
    await until(() => ends.length === 1)
    expect(ends).toEqual(['completed'])
    expect(long.stream.closed).toBe(false)
  })

  it('drops a stream that takes no bytes, and not its session', async () => {
    const { url, ends } = await start(
      async function* () {
        for (;;) yield 'x'.repeat(65_536)
      },
      { ...http2, options: { sendTimeoutMs: 200 } },
    )
    const { session, stream } = await open(url)
    stream.pause()
    await until(() => ends.length === 1)
    expect(ends).toEqual(['send-timeout'])
    await until(() => stream.rstCode === constants.NGHTTP2_CANCEL || stream.destroyed)
    expect(session.destroyed).toBe(false)
  })

  it('closes the session on shutdown, after the farewell', async () => {
    const { url, sse, ends } = await start(untilEnd, http2)
    const { session, text } = await open(url)
    await until(() => text() === ':\n')
    const closed = once(session, 'close')
    await sse.close({ event: 'bye' })
    await closed
    expect(text()).toMatch(/^:\nretry: \d+\ndata: bye\n\n$/)
    expect(ends).toEqual(['shutdown'])
  })

  it('refuses with 503 and answers HEAD', async () => {
    const { url } = await start(untilEnd, {
      ...http2,
      route: { limit: { maxConnections: 1 } },
    })
    await open(url)
    const refused = await open(url)
    expect(refused.head).toMatchObject({ ':status': 503, 'cache-control': 'no-store' })
    const head = await open(url, { ':method': 'HEAD' })
    expect(head.head).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream' })
  })

  it('survives a handler that destroys its stream', async () => {
    const { url, ends } = await start(async (stream, { res }) => {
      ;(res as { stream: { destroy(): void } }).stream.destroy()
      await stream.send('late')
      await stream.ended
    }, http2)
    const session = connectHttp2(url)
    stops.push(async () => session.destroy())
    session.on('error', () => undefined)
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => undefined)
    stream.resume()
    if (!stream.closed) await once(stream, 'close')
    await until(() => ends.length === 1)
    expect(ends).toEqual(['client-disconnect'])
  })
})

describe('a response that says it is full', () => {
  function createFakeResponse() {
    const log: string[] = []
    const socket = Object.assign(new EventEmitter(), {
      destroyed: false,
      destroySoon: () => undefined,
      uncork: () => undefined,
    })
    const res = Object.assign(new EventEmitter(), {
      socket,
      destroyed: false,
      headersSent: false,
      writableEnded: false,
      writableFinished: false,
      writableLength: 0,
      getHeader: () => undefined,
      removeHeader: () => undefined,
      writeHead: () => undefined,
      write: (bytes: Uint8Array) => {
        log.push(Buffer.from(bytes).toString())
        return false
      },
      end: () => void log.push('<end>'),
      destroy: () => void log.push('<destroy>'),
    })
    const sink = createNodeSink({ socket } as never, res as never)
    const heard: string[] = []
    sink.listen({
      drained: () => void heard.push('drained'),
      finished: () => void heard.push('finished'),
      gone: () => void heard.push('gone'),
    })
    return { res, socket, sink, log, heard }
  }

  it('is said to have drained each time it drains', () => {
    const { res, sink, heard } = createFakeResponse()
    expect(sink.write(new Uint8Array(1))).toBe(false)
    res.emit('drain')
    res.emit('drain')
    expect(heard).toEqual(['drained', 'drained'])
  })

  it('and closes without draining is gone', () => {
    const { res, sink, heard } = createFakeResponse()
    sink.write(new Uint8Array(1))
    res.emit('close')
    expect(heard).toEqual(['gone'])
  })

  it('and waits behind another on its connection hears from the connection', () => {
    const { res, socket } = createFakeResponse()
    const sink = createNodeSink({ socket } as never, Object.assign(res, { socket: null }) as never)
    const heard: string[] = []
    const note = (): void => void heard.push('gone')
    sink.listen({ drained: () => undefined, finished: () => undefined, gone: note })
    socket.emit('close')
    expect(heard).toEqual(['gone'])
    sink.release()
    expect(socket.listenerCount('close')).toBe(0)
  })

  it('tells the last listener only', () => {
    const { res, sink, heard } = createFakeResponse()
    const later: string[] = []
    const note = (): void => void later.push('heard')
    sink.listen({ drained: note, finished: note, gone: note })
    sink.write(new Uint8Array(1))
    sink.write(new Uint8Array(1))
    res.emit('drain')
    expect([heard, later]).toEqual([[], ['heard']])
    expect(res.listenerCount('drain')).toBe(1)
  })

  it('tells nobody once it was released, and keeps only what swallows errors', () => {
    const { res, sink, heard } = createFakeResponse()
    sink.release()
    for (const name of ['drain', 'finish', 'close']) {
      expect(res.listenerCount(name)).toBe(0)
      res.emit(name)
    }
    res.emit('error', new Error('late'))
    expect(heard).toEqual([])
  })

  it('has finished when it closes after the end with everything handed over', () => {
    const { res, sink, heard } = createFakeResponse()
    sink.end(false)
    res.writableFinished = true
    res.emit('close')
    expect(heard).toEqual(['finished'])
  })

  it('is gone when it closes after the end with something left', () => {
    const { res, sink, heard } = createFakeResponse()
    sink.end(false)
    res.emit('close')
    expect(heard).toEqual(['gone'])
  })

  it('has finished when it closes after somebody else ended it', () => {
    const { res, heard } = createFakeResponse()
    res.writableFinished = true
    res.emit('close')
    expect(heard).toEqual(['finished'])
  })

  it('of a server is listened to for its end no earlier than it is told to end', () => {
    const { res } = createFakeResponse()
    res.removeAllListeners().on('finish', () => undefined)
    const sink = createNodeSink({ socket: res.socket } as never, res as never)
    const ignore = (): void => undefined
    sink.listen({ drained: ignore, finished: ignore, gone: ignore })
    expect(res.listenerCount('finish')).toBe(1)
    sink.end(false)
    expect(res.listenerCount('finish')).toBe(2)
    sink.release()
    expect(res.listenerCount('finish')).toBe(1)
  })

  it('without a server, which would close it, has finished when somebody else ended it', () => {
    const { res, heard } = createFakeResponse()
    res.writableFinished = true
    res.emit('finish')
    expect(heard).toEqual(['finished'])
  })

  it('is not over when it finishes without having handed over everything, as a reset does', () => {
    const { res, sink, heard } = createFakeResponse()
    sink.end(false)
    res.emit('finish')
    expect(heard).toEqual([])
    res.emit('close')
    expect(heard).toEqual(['gone'])
  })

  it('closes the connection only where it is told to', () => {
    const keep = createFakeResponse()
    const drop = createFakeResponse()
    const closed: string[] = []
    keep.socket.destroySoon = () => void closed.push('keep')
    drop.socket.destroySoon = () => void closed.push('drop')
    keep.sink.end(false)
    drop.sink.end(true)
    for (const { res } of [keep, drop]) res.writableFinished = true
    keep.res.emit('finish')
    drop.res.emit('finish')
    expect(closed).toEqual(['drop'])
  })

  it('was sent once its head is out or its end was called', () => {
    const { res, sink } = createFakeResponse()
    expect(sink.isSent).toBe(false)
    res.headersSent = true
    expect(sink.isSent).toBe(true)
    Object.assign(res, { headersSent: false, writableEnded: true })
    expect(sink.isSent).toBe(true)
  })

  it('is gone once the response or its socket was destroyed', () => {
    const { res, socket, sink } = createFakeResponse()
    expect(sink.isGone).toBe(false)
    res.destroyed = true
    expect(sink.isGone).toBe(true)
    Object.assign(res, { destroyed: false })
    socket.destroyed = true
    expect(sink.isGone).toBe(true)
  })

  it('gives headers as text', () => {
    const { res, sink } = createFakeResponse()
    const headers: Record<string, unknown> = { a: 'x', b: 5, c: ['x', 'y'] }
    res.getHeader = ((name: string) => headers[name]) as never
    expect(['a', 'b', 'c', 'd'].map((name) => sink.header(name))).toEqual([
      'x',
      '5',
      'x, y',
      undefined,
    ])
  })
})
