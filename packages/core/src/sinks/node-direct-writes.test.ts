import { type IncomingMessage, OutgoingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { openRaw, serveHttp, type TestServer, until } from '../../test/node-server.ts'
import { parseStream } from '../../test/parse-stream.ts'
import { createChannel } from '../channel/channel.ts'
import type { ChannelOptions } from '../channel/channel-options.ts'
import type { EventStream } from '../connection/event-stream.ts'
import { createSse } from '../node-sse.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

/** A channel on a server, and what is written to the socket of each response, and past whom. */
async function start(
  prepare: (req: IncomingMessage, res: ServerResponse) => void = () => undefined,
  options: ChannelOptions = {},
) {
  const channel = createChannel({ queue: { maxBytes: 64 << 20 }, ...options })
  const sse = createSse()
  const streams: EventStream[] = []
  const follow = sse.handler((stream) => {
    streams.push(stream)
    return channel.subscribe(stream)
  })
  const writes: string[] = []
  const server = await serveHttp((req, res) => {
    prepare(req, res)
    recordWrites(req.socket, writes)
    void follow(req, res)
  })
  servers.push(server)
  const followers = (count: number) => until(() => channel.stats().subscribers === count)
  return { channel, sse, streams, writes, followers, ...server }
}

function recordWrites(socket: Socket, writes: string[]): void {
  const { write } = socket
  socket.write = (...args: unknown[]) => {
    writes.push(String(args[0]))
    return Reflect.apply(write, socket, args)
  }
}

/** The body of a chunked response. */
function bodyOf(received: string): string {
  const chunks = received.slice(received.indexOf('\r\n\r\n') + 4)
  let body = ''
  for (let at = 0; at < chunks.length; ) {
    const end = chunks.indexOf('\r\n', at)
    const size = Number.parseInt(chunks.slice(at, end), 16)
    body += chunks.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
  return body
}

describe('an event of a channel on HTTP/1.1', () => {
  it('is one chunk in one write, the same bytes that the response would write', async () => {
    const { channel, writes, followers, port } = await start()
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    writes.length = 0
    channel.publish('ä')
    await client.until('data: ä\n\n')
    expect(writes).toEqual(['a\r\ndata: ä\n\n\r\n'])
    client.socket.destroy()
  })

  it('is framed for as long as its turn lasts, not as long as its history', async () => {
    const history = { maxBytes: 64 << 20 }
    const { channel, writes, followers, port } = await start(undefined, { history })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    const used = (): number => {
      writes.length = 0
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = used()
    for (let count = 0; count < 300; count += 1) {
      channel.publish('x'.repeat(20_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { bytes } = channel.stats().history
    expect(bytes).toBeGreaterThan(300 * 20_000)
    await until(() => used() - before < 1.5 * bytes)
    client.socket.destroy()
  })

  it('leaves the end of the body to the response', async () => {
    const { channel, followers, port } = await start()
    const client = openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await followers(1)
    await client.until(':\n')
    channel.publish('last')
    channel.close()
    await client.closed
    expect(client.received()).toMatch(/\r\n\r\n2\r\n:\n\r\nc\r\ndata: last\n\n\r\n0\r\n\r\n$/)
  })

  it('waits for a client that does not read, and arrives whole when it does', async () => {
    const { channel, sse, followers, port } = await start()
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    client.socket.pause()
    const data = Array.from({ length: 400 }, (_, number) => `${number}`.padEnd(50_000, '.'))
    for (const each of data) {
      channel.publish(each)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => sse.stats().stalled === 1)
    client.socket.resume()
    await client.until(data.at(-1) ?? '')
    expect(parseStream(bodyOf(client.received())).events.map((event) => event.data)).toEqual(data)
    client.socket.destroy()
  })

  it('leaves no listener on the socket', async () => {
    let socket: Socket | undefined
    const { channel, followers, port } = await start((req) => {
      socket = req.socket
    })
    const client = openRaw(port, `${GET}`)
    await followers(1)
    await client.until(':\n')
    const before = socket?.listenerCount('drain') ?? 0
    client.socket.pause()
    await until(() => {
      channel.publish('x'.repeat(60_000))
      return socket?.listenerCount('drain') === before + 1
    })
    client.socket.resume()
    channel.close('last')
    await client.until('data: last')
    await client.until('0\r\n\r\n')
    expect(socket?.listenerCount('drain')).toBeLessThanOrEqual(before)
    client.socket.destroy()
  })

  it('is written once, also where a `write` of the socket that was wrapped returns nothing', async () => {
    const { channel, followers, port } = await start((req) => {
      const { socket } = req
      const { write } = socket
      socket.write = ((...args: unknown[]) => {
        Reflect.apply(write, socket, args)
      }) as typeof write
    })
    const client = openRaw(port, GET)
    await followers(1)
    channel.publish('a')
    channel.publish('b')
    await client.until('data: b')
    expect(client.received().match(/data: a/g)).toHaveLength(1)
    client.socket.destroy()
  })
})

describe('what a stream sends itself on HTTP/1.1', () => {
  it.each(['a', 'ä', '€', '😀', 'x'.repeat(16_000), ''])(
    'is one chunk in one write: %.5s',
    async (data) => {
      const { streams, writes, followers, port } = await start()
      const client = openRaw(port, GET)
      await followers(1)
      await client.until(':\n')
      writes.length = 0
      void streams[0]?.send(data)
      await client.until(`data: ${data}\n\n`)
      const block = `data: ${data}\n\n`
      expect(writes).toEqual([`${Buffer.byteLength(block).toString(16)}\r\n${block}\r\n`])
      client.socket.destroy()
    },
  )

  it('leaves within the turn of the event loop in which it was yielded', async () => {
    const tokens: (() => void)[] = []
    const sse = createSse()
    const stream = sse.handler(async function* () {
      for (let n = 0; n < 3; n += 1) {
        await new Promise<void>((resolve) => tokens.push(resolve))
        yield `token ${n}`
      }
    })
    const writes: string[] = []
    const server = await serveHttp((req, res) => {
      recordWrites(req.socket, writes)
      void stream(req, res)
    })
    servers.push(server)
    const client = openRaw(server.port, GET)
    await client.until(':\n')
    for (let n = 0; n < 3; n += 1) {
      await until(() => tokens.length === n + 1)
      writes.length = 0
      tokens[n]?.()
      // All that follows from it at once, and then what was put off until the end of this turn, but no other turn.
      for (let microtask = 0; microtask < 50; microtask += 1) await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      expect(writes[0]).toBe(`f\r\ndata: token ${n}\n\n\r\n`)
    }
    client.socket.destroy()
  })

  it('and what it is published keep their order', async () => {
    const { channel, streams, followers, port } = await start()
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    const expected: string[] = []
    for (let n = 0; n < 200; n += 1) {
      expected.push(`data: ${n}\n\n`)
      if (n % 3 === 0) void streams[0]?.send(`${n}`)
      else channel.publish(`${n}`)
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    channel.close()
    await client.until('0\r\n\r\n')
    expect(bodyOf(client.received())).toBe(`:\n${expected.join('')}`)
    client.socket.destroy()
  })
})

describe('an event of a channel goes through the response', () => {
  it('where its `write` was replaced before this was loaded', async () => {
    const { socketForChunks: usual } = await import('./node-direct-writes.ts')
    const { prototype } = OutgoingMessage
    const { write } = prototype
    prototype.write = function (this: OutgoingMessage, ...args: unknown[]) {
      return Reflect.apply(write, this, args)
    } as typeof write
    try {
      vi.resetModules()
      const { socketForChunks } = await import('./node-direct-writes.ts')
      const socket = { writable: true }
      const res = Object.assign(Object.create(prototype), { socket, chunkedEncoding: true })
      Object.defineProperty(res, 'writableCorked', { value: 0 })
      expect(socketForChunks(res)).toBeUndefined()
      prototype.write = write
      expect(usual(res)).toBe(socket)
    } finally {
      prototype.write = write
    }
  })

  it('where somebody looks at what is written', async () => {
    const seen: string[] = []
    const { channel, followers, port } = await start((_req, res) => {
      const { write } = res
      res.write = (...args: unknown[]) => {
        seen.push(Buffer.from(args[0] as Uint8Array).toString())
        return Reflect.apply(write, res, args)
      }
    })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    channel.publish('a')
    await client.until('data: a')
    expect(seen).toEqual([':\n', 'data: a\n\n'])
    client.socket.destroy()
  })

  it('where somebody looks at its end', async () => {
    const { channel, writes, followers, port } = await start((_req, res) => {
      const { end } = res
      res.end = (...args: unknown[]) => Reflect.apply(end, res, args)
    })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    writes.length = 0
    channel.publish('a')
    await client.until('data: a')
    expect(writes).not.toContain('9\r\ndata: a\n\n\r\n')
    client.socket.destroy()
  })

  it('where the client speaks HTTP/1.0, which has no chunks', async () => {
    const { channel, followers, port } = await start()
    const client = openRaw(port, 'GET / HTTP/1.0\r\n\r\n')
    await followers(1)
    await client.until(':\n')
    channel.publish('a')
    channel.close()
    await client.closed
    expect(client.received()).toMatch(/\r\n\r\n:\ndata: a\n\n$/)
  })

  it('while it is corked, so that nothing overtakes what waits in it', async () => {
    let response: ServerResponse | undefined
    const { channel, streams, followers, port } = await start((_req, res) => {
      response = res
    })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    response?.cork()
    await streams[0]?.send('sent')
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    channel.publish('published')
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    response?.uncork()
    await client.until('data: published')
    expect(bodyOf(client.received())).toBe(':\ndata: sent\n\ndata: published\n\n')
    client.socket.destroy()
  })

  it('where somebody has ended its socket, which would take it for an error', async () => {
    let socket: Socket | undefined
    const errors: unknown[] = []
    const { channel, followers, port } = await start((req) => {
      socket = req.socket
      req.socket.on('error', (error) => errors.push(error))
    })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    socket?.end()
    channel.publish('a')
    await client.closed
    await followers(0)
    expect(errors).toEqual([])
  })

  it('where somebody has ended it, after which there is no chunk', async () => {
    let response: ServerResponse | undefined
    const { channel, followers, port } = await start((_req, res) => {
      response = res
    })
    const client = openRaw(port, GET)
    await followers(1)
    await client.until(':\n')
    response?.end()
    // So much that it does not wait for the end of the turn.
    for (let count = 0; count < 2; count += 1) channel.publish('x'.repeat(40_000))
    await followers(0)
    await client.until('0\r\n\r\n')
    client.socket.end()
    await client.closed
    expect(client.received()).toMatch(/:\n\r\n0\r\n\r\n$/)
  })

  it('where another response on the socket comes first', async () => {
    let finish = (): void => undefined
    const { channel, followers, port } = await start((req, res) => {
      if (req.url !== '/slow') return
      res.write = (
        (write) =>
        (...args: unknown[]) =>
          Reflect.apply(write, res, args)
      )(res.write)
      finish = () => void channel.publish('both')
    })
    const client = openRaw(port, `GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${GET}`)
    await followers(2)
    await client.until(':\n')
    finish()
    await client.until('data: both')
    channel.publish('again')
    await client.until('data: again')
    // The second response waits until the first is over: nothing of it may stand between.
    expect(client.received().match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    expect(bodyOf(client.received())).toBe(':\ndata: both\n\ndata: again\n\n')
    channel.close()
    await client.until('0\r\n\r\nHTTP/1.1 200')
    client.socket.destroy()
  })
})
