import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import { type Channel, createChannel } from '@sse/core'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { secureHeaders } from 'hono/secure-headers'
import { timing } from 'hono/timing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSse } from './index.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Options {
  readonly middleware?: readonly MiddlewareHandler[]
  readonly mount?: (app: Hono) => Hono
  readonly listener?: (
    app: Hono,
  ) => (incoming: IncomingMessage, outgoing: ServerResponse) => unknown
  readonly prepare?: (incoming: IncomingMessage, outgoing: ServerResponse) => void
}

/** A channel behind Hono on a Node server, and what is written to the sockets. */
async function start(options: Options = {}) {
  const { middleware = [], mount = (app) => app, prepare = () => undefined } = options
  const { listener = (app) => getRequestListener(app.fetch) } = options
  const channel = createChannel()
  const ended: string[] = []
  const sse = createSse({ onEnd: (reason) => void ended.push(reason), onError: () => undefined })
  const app = new Hono()
  app.use(...middleware, async (_c, next) => next())
  app.get(
    '/',
    sse.handler((stream) => channel.subscribe(stream)),
  )
  app.get(
    '/three',
    sse.handler(async function* () {
      yield { data: 'ä' }
      await new Promise((resolve) => setTimeout(resolve, 20))
      yield { data: 'b' }
      await new Promise((resolve) => setTimeout(resolve, 20))
      yield { data: 'c' }
    }),
  )
  app.get(
    '/flood',
    sse.handler(async function* () {
      for (let count = 0; count < 1_000; count += 1) yield { data: `${count}`.padEnd(20_000, '.') }
    }),
  )
  const writes: string[] = []
  const responses: ServerResponse[] = []
  const answer = listener(mount(app))
  const server = createServer((incoming, outgoing) => {
    prepare(incoming, outgoing)
    responses.push(outgoing)
    recordWrites(incoming.socket, writes)
    void answer(incoming, outgoing)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { channel, sse, ended, writes, responses, port, server }
}

function recordWrites(socket: Socket, writes: string[]): void {
  const { write } = socket
  socket.write = (...args: unknown[]) => {
    writes.push(Buffer.from(args[0] as Uint8Array).toString())
    return Reflect.apply(write, socket, args)
  }
}

function open(port: number, path = '/', head = '') {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`)
  closing.push(() => socket.destroy())
  const received = (): string => Buffer.concat(chunks).toString('latin1')
  return { socket, received, until: (text: string) => until(() => received().includes(text)) }
}

async function until(condition: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Still not so: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The body of a chunked response, as bytes. */
function bodyOf(received: string): Buffer {
  const chunks = received.slice(received.indexOf('\r\n\r\n') + 4)
  let body = ''
  for (let at = 0; at < chunks.length; ) {
    const end = chunks.indexOf('\r\n', at)
    const size = Number.parseInt(chunks.slice(at, end), 16)
    body += chunks.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
  return Buffer.from(body, 'latin1')
}

/** Whether an event of a channel goes to the socket in one piece: only what is written past the stream does. */
async function isDirect(options?: Options, path?: string): Promise<boolean> {
  const { channel, writes, port } = await start(options)
  const client = open(port, path, 'Accept-Encoding: gzip\r\n')
  await follows(channel)
  // With middleware, node-server reads the first chunk before it sends the head, which proves nothing.
  for (const early of ['first', 'second']) {
    channel.publish(early)
    await client.until(`data: ${early}\n\n`)
  }
  writes.length = 0
  channel.publish('one')
  await until(() => writes.some((each) => each.includes('data: one')))
  return writes.includes('b\r\ndata: one\n\n\r\n')
}

async function follows(channel: Channel): Promise<void> {
  await until(() => channel.stats().subscribers === 1)
}

const BODY = ':\ndata: ä\n\ndata: b\n\ndata: c\n\n'

/** The whole of a short stream. */
async function bodyWith(options?: Options): Promise<string> {
  const { port } = await start(options)
  const client = open(port, '/three', 'Connection: close\r\n')
  await new Promise((resolve) => client.socket.once('close', resolve))
  expect(client.received()).toMatch(/\r\n0\r\n\r\n$/)
  return bodyOf(client.received()).toString()
}

const afterNext: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('x-late', 'yes')
}
const rebuild: MiddlewareHandler = async (c, next) => {
  await next()
  c.res = new Response(c.res.body, { status: 200, headers: c.res.headers })
}
const count: MiddlewareHandler = async (c, next) => {
  await next()
  let bytes = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      controller.enqueue(chunk)
    },
  })
  c.res = new Response(c.res.body?.pipeThrough(counter), c.res)
}

/** Hands on the very same chunks, in each of the ways to wait for one. */
function restream(wait: 'await' | 'then' | 'for await' | 'tee'): MiddlewareHandler {
  return async (c, next) => {
    await next()
    c.res = new Response(copy(c.res.body as ReadableStream<Uint8Array>, wait), c.res)
  }
}

// Newer than the types.
const fromIterable = (
  ReadableStream as unknown as { from(body: unknown): ReadableStream<Uint8Array> }
).from

function copy(body: ReadableStream<Uint8Array>, wait: string): ReadableStream<Uint8Array> {
  if (wait === 'tee') return body.tee()[0]
  if (wait === 'for await') return fromIterable(body)
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const pass = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void =>
        done ? controller.close() : controller.enqueue(value)
      if (wait === 'await') pass(await reader.read())
      else await reader.read().then(pass)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

describe('a stream is written straight to the response', () => {
  it('of node-server', async () => {
    expect(await isDirect()).toBe(true)
  })

  it.each([
    ['sets headers of the response', afterNext],
    ['sets security headers', secureHeaders()],
    ['measures', timing()],
    ['compresses, but heeds no-transform', compress()],
    ['makes a new response of the same body', rebuild],
  ])('where middleware %s', async (_what, middleware) => {
    expect(await isDirect({ middleware: [middleware] })).toBe(true)
    expect(await bodyWith({ middleware: [middleware] })).toBe(BODY)
  })

  it('of an app that is mounted in another', async () => {
    const inBase = { mount: (app: Hono) => new Hono().route('/base', app) }
    const inMount = { mount: (app: Hono) => new Hono().mount('/base', app.fetch) }
    expect(await isDirect(inBase, '/base')).toBe(true)
    expect(await isDirect(inMount, '/base')).toBe(true)
  })

  it('with the headers that middleware set after it', async () => {
    const { channel, port } = await start({ middleware: [afterNext, secureHeaders()] })
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    expect(client.received()).toMatch(/\r\nx-late: yes\r\n/i)
    expect(client.received()).toMatch(/\r\nx-frame-options: SAMEORIGIN\r\n/i)
  })

  it('byte for byte', async () => {
    expect(await bodyWith()).toBe(BODY)
  })

  it('and leaves no trace on it but a `write` that is the same', async () => {
    const { channel, responses, port } = await start()
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    channel.publish('zero')
    await until(() => Object.hasOwn(responses[0] ?? {}, 'write'))
    const [res] = responses
    expect(res?.write).toBe(Object.getPrototypeOf(Object.getPrototypeOf(res)).write)
  })
})

describe('a stream stays with its body', () => {
  it.each([
    ['counts its bytes', count],
    ['reads it with await', restream('await')],
    ['reads it with then', restream('then')],
    ['reads it with for await', restream('for await')],
    ['tees it', restream('tee')],
  ])('where middleware %s', async (_what, middleware) => {
    expect(await isDirect({ middleware: [middleware] })).toBe(false)
    expect(await bodyWith({ middleware: [middleware] })).toBe(BODY)
  })

  it('where middleware compresses it', async () => {
    const transformable: MiddlewareHandler = async (c, next) => {
      await next()
      c.header('Cache-Control', 'no-cache')
    }
    const { port } = await start({
      middleware: [compress({ contentTypeFilter: /event-stream/ }), transformable],
    })
    const client = open(port, '/three', 'Connection: close\r\nAccept-Encoding: gzip\r\n')
    await new Promise((resolve) => client.socket.once('close', resolve))
    expect(client.received()).toMatch(/\r\ncontent-encoding: gzip\r\n/i)
    expect(gunzipSync(bodyOf(client.received())).toString()).toBe(BODY)
  })

  it('where middleware hashes it', async () => {
    expect(await bodyWith({ middleware: [etag()] })).toBe(BODY)
  })

  it('where the server does not show its response', async () => {
    const hidden = { listener: (app: Hono) => getRequestListener((request) => app.fetch(request)) }
    expect(await isDirect(hidden)).toBe(false)
    expect(await bodyWith(hidden)).toBe(BODY)
  })

  it('where the server shows the response of another request', async () => {
    let other: ServerResponse | undefined
    const mixed: Options = {
      prepare: (_incoming, outgoing) => {
        other ??= outgoing
      },
      listener: (app) =>
        getRequestListener((request) =>
          app.fetch(request, { outgoing: Object.create(other as object) }),
        ),
    }
    expect(await isDirect(mixed)).toBe(false)
    expect(await bodyWith(mixed)).toBe(BODY)
  })

  it.each([
    [
      'waits for chunks with for await',
      async (body: ReadableStream<Uint8Array>, outgoing: ServerResponse) => {
        for await (const chunk of body) outgoing.write(chunk)
        outgoing.end()
      },
    ],
    [
      'writes copies',
      async (body: ReadableStream<Uint8Array>, outgoing: ServerResponse) => {
        const reader = body.getReader()
        const flow = (each: ReadableStreamReadResult<Uint8Array>): Promise<void> | undefined => {
          if (each.done) return void outgoing.end()
          outgoing.write(Buffer.from(each.value))
          return reader.read().then(flow)
        }
        await reader.read().then(flow)
      },
    ],
    [
      'writes more than the chunk',
      async (body: ReadableStream<Uint8Array>, outgoing: ServerResponse) => {
        const reader = body.getReader()
        const flow = (each: ReadableStreamReadResult<Uint8Array>): Promise<void> | undefined => {
          if (each.done) return void outgoing.end()
          outgoing.write(each.value)
          outgoing.write('')
          return reader.read().then(flow)
        }
        await reader.read().then(flow)
      },
    ],
    [
      'writes later than it is called',
      async (body: ReadableStream<Uint8Array>, outgoing: ServerResponse) => {
        const reader = body.getReader()
        const flow = async (each: ReadableStreamReadResult<Uint8Array>): Promise<void> => {
          await Promise.resolve()
          if (each.done) return void outgoing.end()
          outgoing.write(each.value)
          return reader.read().then(flow)
        }
        await reader.read().then(flow)
      },
    ],
  ])('where the server %s', async (_what, send) => {
    const own = {
      listener: (app: Hono) => async (incoming: IncomingMessage, outgoing: ServerResponse) => {
        const url = `http://x${incoming.url}`
        const { headers, body } = await app.fetch(new Request(url), { incoming, outgoing })
        outgoing.writeHead(200, Object.fromEntries(headers)).flushHeaders()
        await send(body as ReadableStream<Uint8Array>, outgoing)
      },
    }
    expect(await isDirect(own)).toBe(false)
    expect(await bodyWith(own)).toBe(BODY)
  })

  it('after its reader was let go, and goes on with the next one', async () => {
    let next: ReadableStreamDefaultReader<Uint8Array> | undefined
    const { channel, writes, port } = await start({
      listener: (app) => async (incoming, outgoing) => {
        const { headers, body } = await app.fetch(new Request(`http://x${incoming.url}`), {
          incoming,
          outgoing,
        })
        outgoing.writeHead(200, Object.fromEntries(headers)).flushHeaders()
        const reader = (body as ReadableStream<Uint8Array>).getReader()
        await reader.read().then(({ value }) => outgoing.write(value))
        reader.releaseLock()
        next = (body as ReadableStream<Uint8Array>).getReader()
      },
    })
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    await until(() => next !== undefined)
    writes.length = 0
    channel.publish('one')
    expect(Buffer.from((await next?.read())?.value ?? []).toString()).toBe('data: one\n\n')
    expect(writes).toEqual([])
  })

  it('on HTTP/2', async () => {
    const app = new Hono<{ Bindings: { outgoing: unknown } }>()
    const sse = createSse<{ Bindings: { outgoing: unknown } }>()
    let body: ReadableStream<Uint8Array> | null = null
    app.get('/', async (c) => {
      const response = await sse.respond(c, (async function* () {})())
      body = response.body
      return response
    })
    const server = createHttp2Server(getRequestListener(app.fetch) as never).listen(0)
    closing.push(() => server.close())
    const { connect: connectHttp2 } = await import('node:http2')
    const session = connectHttp2(`http://localhost:${(server.address() as AddressInfo).port}`)
    closing.push(() => session.destroy())
    const stream = session.request({ ':path': '/' }).setEncoding('utf8')
    let text = ''
    for await (const chunk of stream) text += chunk
    expect(text).toBe(':\n')
    expect(Object.hasOwn(body ?? {}, 'getReader')).toBe(false)
  })
})

describe('a stream that is written straight to the response', () => {
  it('waits for a client that does not read, and arrives whole when it does', async () => {
    const { sse, port, responses } = await start()
    const client = open(port, '/flood', 'Connection: close\r\n')
    client.socket.pause()
    await until(() => sse.stats().stalled === 1)
    expect(responses[0]?.writableLength).toBeLessThan(1 << 20)
    client.socket.resume()
    await new Promise((resolve) => client.socket.once('close', resolve))
    const body = bodyOf(client.received()).toString()
    const numbers = Array.from(body.matchAll(/data: (\d+)/g), ([, each]) => Number(each))
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  it('ends when its client leaves', async () => {
    const { channel, ended, port } = await start()
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    channel.publish('one')
    await client.until('one')
    client.socket.destroy()
    await until(() => ended.length > 0)
    expect(ended).toEqual(['client-disconnect'])
  })

  it('ends when its client resets the connection while much is on its way', async () => {
    const { sse, ended, port } = await start()
    const client = open(port, '/flood')
    client.socket.pause()
    await until(() => sse.stats().stalled === 1)
    client.socket.resetAndDestroy()
    await until(() => ended.length > 0)
    expect(ended).toEqual(['client-disconnect'])
  })

  it('aborts the signal of its request when its client leaves', async () => {
    let signal: AbortSignal | undefined
    const watch: MiddlewareHandler = async (c: Context, next) => {
      signal = c.req.raw.signal
      await next()
    }
    const { channel, port } = await start({ middleware: [watch] })
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    client.socket.destroy()
    await until(() => signal?.aborted === true)
  })

  it('is dropped without a word of the server when its client has to be', async () => {
    const said = [vi.spyOn(console, 'error'), vi.spyOn(console, 'info')]
    const { sse, ended, port } = await start()
    const client = open(port, '/flood')
    client.socket.pause()
    await until(() => sse.stats().stalled === 1)
    await sse.close({ graceMs: 20 })
    expect(ended).toEqual(['shutdown'])
    client.socket.resume()
    await new Promise((resolve) => client.socket.once('close', resolve))
    expect(said.map((each) => each.mock.calls)).toEqual([[], []])
  })

  it('leaves no listener behind', async () => {
    const { channel, ended, responses, port } = await start()
    const client = open(port)
    await follows(channel)
    await client.until('\n:\n')
    const names = ['drain', 'finish', 'close'] as const
    const listeners = (): number[] => names.map((name) => responses[0]?.listenerCount(name) ?? 0)
    channel.publish('one')
    await client.until('one')
    const before = listeners()
    channel.close()
    await until(() => ended.length > 0)
    await client.until('\r\n0\r\n\r\n')
    await until(() => listeners().every((each, index) => each <= (before[index] ?? 0)))
  })
})

describe('the body is a ReadableStream like any other', () => {
  async function bodyOnNode(use: (body: ReadableStream<Uint8Array>) => unknown): Promise<unknown> {
    let used: Promise<unknown> | undefined
    const grab: MiddlewareHandler = async (c, next) => {
      await next()
      used = Promise.resolve(use(c.res.body as ReadableStream<Uint8Array>))
      await used
      c.res = new Response('done')
    }
    const { port } = await start({ middleware: [grab] })
    open(port, '/three')
    await until(() => used !== undefined)
    return used
  }

  it.each<[string, (body: ReadableStream<Uint8Array>) => unknown]>([
    ['text()', (body) => new Response(body).text()],
    [
      'pipeTo',
      async (body) => {
        const chunks: Uint8Array[] = []
        await body.pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }))
        return Buffer.concat(chunks).toString()
      },
    ],
    ['pipeThrough', (body) => new Response(body.pipeThrough(new TransformStream())).text()],
    ['tee', (body) => new Response(body.tee()[1]).text()],
    ['clone', (body) => new Response(body).clone().text()],
    [
      'for await',
      async (body) => {
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        return Buffer.concat(chunks).toString()
      },
    ],
  ])('for %s', async (_what, use) => {
    expect(await bodyOnNode(use)).toBe(BODY)
  })

  it('for those who lock and cancel it', async () => {
    const seen = await bodyOnNode(async (body) => {
      const reader = body.getReader()
      const wasLocked = body.locked
      expect(() => body.getReader()).toThrow(TypeError)
      expect(reader).toBeInstanceOf(ReadableStreamDefaultReader)
      reader.releaseLock()
      const states = [wasLocked, body.locked]
      await body.cancel()
      return states
    })
    expect(seen).toEqual([true, false])
  })

  it('for those who ask for another kind of reader', async () => {
    const refused = await bodyOnNode(async (body) => {
      expect(() => body.getReader({ mode: 'byob' })).toThrow(TypeError)
      await body.cancel()
      return 'refused'
    })
    expect(refused).toBe('refused')
  })
})
