import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openRaw, serveHttp, type TestServer, until } from '../../test/node-server.ts'
import { createBridgeSink } from './node-bridge.ts'
import type { ResponseHead, Sink } from './sink.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

type Body = ReadableStream<Uint8Array>
type Result = ReadableStreamReadResult<Uint8Array>

const HEAD: ResponseHead = { status: 200, headers: { 'Content-Type': 'text/event-stream' } }
const GET = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const GET_AND_STAY = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const MUCH = 8 << 20

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

/** An open sink, the response it belongs to, and its client. Nobody reads the body yet. */
async function setUp(request = GET) {
  const heard: string[] = []
  const client = new AbortController()
  let res: ServerResponse | undefined
  const server = await serveHttp((_req, outgoing) => {
    res = outgoing
  })
  servers.push(server)
  const raw = openRaw(server.port, request)
  await until(() => res !== undefined)
  const outgoing = res as unknown as ServerResponse
  let body: Body | undefined
  const sink = createBridgeSink(
    {
      request: client,
      answered: new WeakSet(),
      isSent: () => false,
      header: () => undefined,
      respond: (_head, opened) => {
        body = opened as Body
      },
    },
    outgoing,
  )
  sink.listen({
    drained: () => void heard.push('drained'),
    finished: () => void heard.push('finished'),
    gone: () => void heard.push('gone'),
  })
  sink.open(HEAD)
  return { sink, heard, client, raw, outgoing, body: body as unknown as Body }
}

/** As `@hono/node-server` does, but for what it does when the response closes. */
function pump(body: Body, outgoing: ServerResponse): ReadableStreamDefaultReader<Uint8Array> {
  outgoing.writeHead(200).flushHeaders()
  const reader = body.getReader()
  const flow = ({ done, value }: Result): void => {
    if (done) outgoing.end()
    else if (outgoing.write(value)) void reader.read().then(flow)
    else outgoing.once('drain', () => void reader.read().then(flow))
  }
  void reader.read().then(flow)
  return reader
}

/** A pump that has written its first chunk: what follows goes to the response. */
async function setUpDirect(request = GET) {
  const all = await setUp(request)
  const reader = pump(all.body, all.outgoing)
  send(all.sink, 'first')
  await all.raw.until('first')
  await turn()
  all.heard.length = 0
  return { ...all, reader }
}

function send(sink: Sink, text: string): boolean {
  const shared = sink.encode(text)
  return sink.write(shared.bytes, shared)
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const textOf = (received: string): string =>
  Array.from(received.matchAll(/\r\n[\da-f]+\r\n([^\r]+)/g), ([, text]) => text).join('')

describe('what is written after the proof', () => {
  it('is with the response at once', async () => {
    const { sink, raw, outgoing } = await setUpDirect()
    const write = vi.spyOn(outgoing.socket as NonNullable<ServerResponse['socket']>, 'write')
    send(sink, 'second')
    expect(write).toHaveBeenCalledTimes(1)
    await raw.until('second')
  })

  it('does not overtake what the body still holds', async () => {
    const { sink, raw, body, outgoing } = await setUp()
    for (const text of ['a', 'b', 'c']) send(sink, text)
    outgoing.writeHead(200).flushHeaders()
    const reader = body.getReader()
    const flow = ({ done, value }: Result): void => {
      if (done) return void outgoing.end()
      outgoing.write(value)
      void reader.read().then(flow)
    }
    await reader.read().then(flow)
    send(sink, 'd')
    await raw.until('\r\nd\r\n')
    expect(textOf(raw.received())).toBe('abcd')
  })

  it('does not overtake what was read, but not written', async () => {
    const { sink, raw, body, outgoing } = await setUp()
    for (const text of ['a', 'b']) send(sink, text)
    const reader = body.getReader()
    const first = reader.read()
    const firstSeen = first.then(() => undefined)
    const second = reader.read()
    // Before the head, so that they prove nothing.
    await Promise.all([firstSeen, second.then(() => undefined)])
    outgoing.writeHead(200).flushHeaders()
    await first.then(({ value }) => void outgoing.write(value))
    send(sink, 'c')
    await second.then(({ value }) => void outgoing.write(value))
    const third = await reader.read()
    outgoing.write(third.value)
    await raw.until('\r\nc\r\n')
    expect(textOf(raw.received())).toBe('abc')
  })

  it.each([
    ['past the response', false],
    ['through one that somebody looks into', true],
  ])('counts as buffered until the kernel has it, and drains: %s', async (_how, isWrapped) => {
    const { sink, heard, raw, outgoing } = await setUpDirect()
    const seen: unknown[] = []
    const write = outgoing.write as (...args: unknown[]) => boolean
    if (isWrapped) {
      outgoing.write = (...args: unknown[]) => {
        seen.push(args)
        return Reflect.apply(write, outgoing, args)
      }
    }
    raw.socket.pause()
    expect(send(sink, 'x'.repeat(MUCH))).toBe(false)
    expect(seen).toHaveLength(isWrapped ? 1 : 0)
    expect(sink.bufferedBytes).toBeGreaterThan(1 << 20)
    await turn()
    expect(heard).toEqual([])
    raw.socket.resume()
    await until(() => heard.length > 0)
    expect(heard).toEqual(['drained'])
    expect(sink.bufferedBytes).toBe(0)
  })

  it.each(['end', 'destroy'] as const)('harms nobody after %s of somebody else', async (how) => {
    const { sink, outgoing } = await setUpDirect()
    outgoing[how]()
    send(sink, 'late')
    // An error that nobody listens to would come here, and end the process.
    await turn()
  })
})

describe('a chunk that proves, and fills the response', () => {
  it('drains when the response does, not before', async () => {
    const { sink, heard, raw, body, outgoing } = await setUp()
    raw.socket.pause()
    expect(send(sink, 'x'.repeat(MUCH))).toBe(false)
    await turn()
    heard.length = 0
    pump(body, outgoing)
    await until(() => outgoing.writableNeedDrain)
    await turn()
    // The stream has room, the response has none.
    const isFull = sink.bufferedBytes > 1 << 20
    expect([isFull, heard.filter((what) => what !== 'drained')]).toEqual([true, []])
    heard.length = 0
    raw.socket.resume()
    await until(() => heard.length > 0)
    expect(sink.bufferedBytes).toBe(0)
  })
})

describe('a reader that is not seen to wait', () => {
  it('is let be after two chunks', async () => {
    const { sink, body } = await setUp()
    const reader = body.getReader()
    for (const text of ['a', 'b']) {
      send(sink, text)
      await reader.read()
    }
    expect(Object.hasOwn(reader.read(), 'then')).toBe(false)
  })
})

describe('the end', () => {
  it('that waits for the reader of the body comes through the body', async () => {
    const { sink, heard, raw, body, outgoing } = await setUp()
    send(sink, 'a')
    sink.end(false)
    pump(body, outgoing)
    await raw.closed
    expect(textOf(raw.received())).toBe('a')
    expect(heard.filter((what) => what !== 'drained')).toEqual(['finished'])
  })

  it('is told when the client was sent everything', async () => {
    const { sink, heard, raw } = await setUpDirect()
    raw.socket.pause()
    send(sink, 'x'.repeat(MUCH))
    sink.end(false)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toEqual([])
    raw.socket.resume()
    await raw.closed
    expect(heard.filter((what) => what !== 'drained')).toEqual(['finished'])
    expect(raw.received()).toMatch(/\r\n0\r\n\r\n$/)
  })

  it.each([false, true])('takes the connection along where it is asked to: %s', async (isAsked) => {
    const { sink, heard, outgoing } = await setUpDirect(GET_AND_STAY)
    const closed = vi.spyOn(outgoing.socket as NonNullable<ServerResponse['socket']>, 'destroySoon')
    sink.end(isAsked)
    await until(() => heard.length > 0)
    expect([heard, closed.mock.calls.length]).toEqual([['finished'], isAsked ? 1 : 0])
  })

  it('that its client did not wait for is a client that is gone', async () => {
    const { sink, heard, raw } = await setUpDirect()
    raw.socket.pause()
    send(sink, 'x'.repeat(MUCH))
    sink.end(false)
    await turn()
    raw.socket.resetAndDestroy()
    await until(() => heard.length > 0)
    expect(heard).toEqual(['gone'])
  })
})

describe('a client is gone', () => {
  it('when the bridge cancels the body', async () => {
    const { heard, reader } = await setUpDirect()
    await reader.cancel()
    expect(heard).toEqual(['gone'])
  })

  it('when the request aborts', async () => {
    const { sink, heard, client } = await setUpDirect()
    expect(sink.isGone).toBe(false)
    client.abort()
    expect([sink.isGone, heard]).toEqual([true, ['gone']])
  })
})

describe('release', () => {
  it.each([
    ['for room', () => undefined],
    ['for the end', (sink: Sink) => sink.end(false)],
  ])('leaves no listener that waits %s, and tells nobody any more', async (_what, then) => {
    const { sink, heard, client, raw, outgoing } = await setUpDirect()
    const removed = vi.spyOn(client.signal, 'removeEventListener')
    const { socket } = outgoing
    const counts = (): number[] => [
      socket?.listenerCount('drain') ?? 0,
      ...['drain', 'finish', 'close'].map((name) => outgoing.listenerCount(name)),
    ]
    const before = counts()
    raw.socket.pause()
    send(sink, 'x'.repeat(MUCH))
    then(sink)
    expect(counts()).not.toEqual(before)
    sink.release()
    expect(counts()).toEqual(before)
    expect(removed.mock.calls.map(([name]) => name)).toEqual(['abort'])
    client.abort()
    expect(heard).toEqual([])
  })
})
