import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { constants, gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { openFake, turnEnd } from '../../test/fake-sink.ts'
import { openRaw, serveHttp, type TestServer, until } from '../../test/node-server.ts'
import { createChannel } from '../channel/channel.ts'
import { createSse, type NodeContext } from '../node-sse.ts'
import type { SseOptions } from '../options.ts'
import type { Compression } from '../sinks/compression.ts'
import { createCompressedSink } from './compressed-sink.ts'
import { type CompressionOptions, createCompression } from './create-compression.ts'
import { createGzipCoder } from './gzip-coder.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const GET = 'GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n'
const GET_OLD = 'GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n'
const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

interface StartOptions {
  readonly prepare?: (req: IncomingMessage, res: ServerResponse) => void
  readonly route?: SseOptions<NodeContext>
  readonly compression?: CompressionOptions
}

/** A channel on a server, and what is written to the socket of each response. */
async function start({ prepare = () => undefined, route = {}, compression }: StartOptions = {}) {
  const channel = createChannel({ queue: { maxBytes: 64 << 20 } })
  const sse = createSse({ ...route, compression: createCompression(compression) })
  const follow = sse.handler((stream) => channel.subscribe(stream))
  const writes: (Uint8Array | string)[] = []
  const server = await serveHttp((req, res) => {
    prepare(req, res)
    recordWrites(req.socket, writes)
    void follow(req, res)
  })
  servers.push(server)
  const followers = (count: number) => until(() => channel.stats().subscribers === count)
  return { channel, sse, writes, followers, ...server }
}

function recordWrites(socket: Socket, writes: (Uint8Array | string)[]): void {
  const { write } = socket
  socket.write = (...args: unknown[]) => {
    writes.push(args[0] as Uint8Array)
    return Reflect.apply(write, socket, args)
  }
}

/** A client that decodes what comes, and whether it was complete. */
function open(port: number, request = GET) {
  const { socket, closed } = openRaw(port, request)
  const received: Buffer[] = []
  socket.on('data', (bytes) => received.push(bytes))
  const body = (): Buffer => {
    const all = Buffer.concat(received)
    const rest = all.subarray(all.indexOf('\r\n\r\n') + 4)
    return request === GET_OLD ? rest : dechunk(rest)
  }
  const text = (): string => {
    const bytes = body()
    if (bytes.length === 0) return ''
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
  }
  return {
    socket,
    closed,
    text,
    whole: () => gunzipSync(body()).toString(),
    until: (expected: string) => until(() => text().includes(expected)),
  }
}

function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, end).toString(), 16)
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts)
}

const event = (number: number): string => `${number} what all of them have in common`

describe('a compressed channel on node:http', () => {
  it('writes the same array to every socket, past the response', async () => {
    const { channel, writes, followers, port } = await start()
    const [a, b] = [open(port), open(port)]
    await followers(2)
    channel.publish(event(1))
    await Promise.all([a.until(event(1)), b.until(event(1))])
    writes.length = 0
    channel.publish(event(2))
    await Promise.all([a.until(event(2)), b.until(event(2))])
    expect(writes).toHaveLength(2)
    expect(writes[1]).toBe(writes[0])
    expect(writes[0]?.length).toBeLessThan(30)
    channel.close('last')
    await Promise.all([a.until('last'), b.until('last')])
    await until(() => channel.stats().subscribers === 0)
    await vi.waitFor(() => expect(a.whole()).toBe(b.whole()))
  })

  it('compresses an event that is larger than a write once for all', async () => {
    const { channel, writes, followers, port } = await start()
    const [a, b] = [open(port), open(port)]
    await followers(2)
    await Promise.all([a.until(':'), b.until(':')])
    writes.length = 0
    const large = Array.from({ length: 20_000 }, (_, number) => number.toString(36)).join(' ')
    channel.publish(large)
    await Promise.all([a.until(large), b.until(large)])
    const pieces = writes.filter((each) => each.length > 1_000)
    expect(pieces).toHaveLength(4)
    expect(new Set(pieces).size).toBe(2)
  })

  it('is written by the response where somebody looks at what it writes', async () => {
    const seen: unknown[] = []
    const { channel, followers, port } = await start({
      prepare(_req, res) {
        const { write } = res
        res.write = ((...args: unknown[]) => {
          seen.push(args[0])
          return Reflect.apply(write, res, args)
        }) as typeof res.write
      },
    })
    const client = open(port)
    await followers(1)
    channel.publish(event(1))
    await client.until(event(1))
    expect(gunzipSync(Buffer.concat(seen as Buffer[]), { finishFlush: 2 }).toString()).toBe(
      client.text(),
    )
  })

  it('is right on HTTP/1.0, where the body ends with the connection', async () => {
    const { channel, followers, port } = await start()
    const client = open(port, GET_OLD)
    await followers(1)
    for (let number = 1; number <= 3; number += 1) {
      channel.publish(event(number))
      await client.until(event(number))
    }
    channel.close()
    await client.closed
    expect(client.whole()).toBe(
      `:\n${[1, 2, 3].map((each) => `data: ${event(each)}\n\n`).join('')}`,
    )
  })

  it('is right for streams that get more than the channel, and heartbeats', async () => {
    const { channel, sse, followers, port } = await start({ route: { heartbeatMs: 30 } })
    const [a, b] = [open(port), open(port)]
    await followers(2)
    for (let number = 1; number <= 5; number += 1) {
      channel.publish(event(number))
      await Promise.all([a.until(event(number)), b.until(event(number))])
      await new Promise((resolve) => setTimeout(resolve, 70))
    }
    await sse.close({ event: { event: 'bye' } })
    await Promise.all([a.closed, b.closed])
    const quiet = (text: string): string => text.replaceAll(/^:\n/gm, '')
    expect(quiet(a.whole())).toContain(
      [1, 2, 3, 4, 5].map((each) => `data: ${event(each)}\n\n`).join(''),
    )
    expect(a.whole().split(':\n').length).toBeGreaterThan(5)
    expect(b.whole()).toMatch(/event: bye\ndata: \n\n$/)
  })
})

describe('a client of a compressed stream that does not read', () => {
  afterEach(() => void vi.useRealTimers())

  const compression: Compression = (sink) =>
    createCompressedSink(sink, 'gzip', new Map([['gzip', createGzipCoder(false)]]))
  const alike = `${'the same text in every event '.repeat(20)}`

  it('is dropped after the send timeout, though more is written meanwhile', async () => {
    vi.useFakeTimers()
    const { sink, ends } = openFake(
      async (stream) => {
        while (!stream.signal.aborted) {
          void stream.send(alike)
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      },
      { compression, sendTimeoutMs: 1_000 },
    )
    await turnEnd()
    sink.isFrozen = true
    // Far more than all that is going to be written.
    sink.highWaterMark = 1_000_000
    await vi.advanceTimersByTimeAsync(900)
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(400)
    expect(ends).toEqual(['send-timeout'])
  })

  it('costs no more than it would without compression', async () => {
    let sent = 0
    const { sink, ends } = openFake(
      async (stream) => {
        while (!stream.signal.aborted && sent < 1_000) {
          void stream.send(alike)
          sent += 1
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
      { compression, maxBufferedBytes: 20_000 },
    )
    sink.isFrozen = true
    sink.highWaterMark = 100
    await until(() => ends.length > 0)
    expect(ends).toEqual(['overflow'])
    expect(sent * alike.length).toBeLessThan(25_000)
  })
})

describe('compressed streams that are over', () => {
  it.each(['gzip', 'br', 'zstd'] as const)('leave nothing of %s', async (encoding) => {
    const { channel, followers, port } = await start({ compression: { encodings: [encoding] } })
    const visit = async (count: number): Promise<void> => {
      const request = GET.replace('gzip', encoding)
      const clients = Array.from({ length: count }, () => openRaw(port, request))
      await followers(count)
      for (let number = 0; number < 5; number += 1) {
        channel.publish(event(number))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      for (const { socket } of clients) socket.destroy()
      await followers(0)
      await new Promise((resolve) => setTimeout(resolve, 50))
      collectGarbage()
    }
    await visit(20)
    await visit(20)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 5; round += 1) await visit(40)
    // A compressor that was left behind for each stream would take far more.
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 100_000)
  })

  it('leave nothing in channels that nobody follows any more', async () => {
    const channels = Array.from({ length: 300 }, () => createChannel())
    const sse = createSse({ compression: createCompression() })
    const followed = sse.handler(async (stream) => {
      await Promise.all(channels.map((channel) => channel.subscribe(stream)))
    })
    const server = await serveHttp((req, res) => void followed(req, res))
    servers.push(server)
    const { socket } = openRaw(server.port, GET)
    await until(() => channels.every((channel) => channel.stats().subscribers === 1))
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    for (const channel of channels) channel.publish('x'.repeat(20_000))
    await until(() => channels.every((channel) => channel.stats().delivered === 1))
    socket.destroy()
    await until(() => channels.every((channel) => channel.stats().subscribers === 0))
    // What is garbage may take more than one collection.
    await until(() => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers - before < 300 * 5_000
    })
  })
})
