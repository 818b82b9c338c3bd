import { createReadStream } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, type FakeRequest, turnEnd } from '../test/fake-sink.ts'
import type { EventStream } from './connection/event-stream.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const untilEnd = async (stream: EventStream): Promise<void> => void (await stream.ended)

describe('a request', () => {
  it('with HEAD gets the head, takes no slot and starts no source', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    const calls: string[] = []
    await sse.handler(() => void calls.push('called'))({ sink, method: 'HEAD' })
    expect(sink.log).toEqual(['<reply 200>', ''])
    expect(sink.head?.headers['Content-Type']).toBe('text/event-stream')
    expect(calls).toEqual([])
    expect(sse.stats()).toMatchObject({ active: 0, opened: 0 })
  })

  it('whose client is gone already starts no source and holds nothing', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    sink.isGone = true
    const calls: string[] = []
    await sse.handler(() => void calls.push('called'))({ sink })
    expect(calls).toEqual([])
    expect(sink.log).toEqual([])
    expect(sink.isReleased).toBe(true)
    expect(sse.stats()).toMatchObject({ active: 0, opened: 0 })
  })

  it('that was answered already is refused, and its source is let go', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    sink.isSent = true
    const cancelled: string[] = []
    const source = new ReadableStream<string>({ cancel: () => void cancelled.push('cancel') })
    await expect(sse.respond({ sink }, source)).rejects.toMatchObject({
      code: 'ERR_SSE_RESPONSE_SENT',
    })
    expect(cancelled).toEqual(['cancel'])
  })

  it('gets an id that no other connection has', async () => {
    const sse = createFakeSse()
    const ids: string[] = []
    const handler = sse.handler((stream) => void ids.push(stream.id))
    for (let count = 0; count < 100; count += 1) await handler({ sink: createFakeSink() })
    expect(new Set(ids).size).toBe(100)
  })

  it('hands its last event ID to the handler', async () => {
    const sse = createFakeSse()
    const ids: unknown[] = []
    const handler = sse.handler((stream) => void ids.push(stream.lastEventId))
    await handler({ sink: createFakeSink(), lastEventId: '7' })
    await handler({ sink: createFakeSink(), url: '/x?lastEventId=8' })
    await handler({ sink: createFakeSink(), lastEventId: '9', url: '/x?lastEventId=8' })
    await handler({ sink: createFakeSink() })
    expect(ids).toEqual(['7', '8', '9', undefined])
  })
})

describe('the limit', () => {
  it('is exact when many arrive in one turn', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 2 } })
    const handler = sse.handler(untilEnd)
    const sinks = Array.from({ length: 6 }, createFakeSink)
    for (const sink of sinks) void handler({ sink })
    await turnEnd()
    expect(sinks.map((sink) => sink.head?.status)).toEqual([200, 200, 503, 503, 503, 503])
    expect(sse.stats()).toMatchObject({ active: 2, rejected: { 'server-limit': 4 } })
  })

  it('of a key is refused with 429 while other keys get in', async () => {
    const sse = createFakeSse({
      limit: { maxConnectionsPerKey: 1, key: ({ url }) => url },
    })
    const handler = sse.handler(untilEnd)
    const open = async (url: string): Promise<number | undefined> => {
      const sink = createFakeSink()
      void handler({ sink, url })
      await turnEnd()
      return sink.head?.status
    }
    expect([await open('/a'), await open('/a'), await open('/b')]).toEqual([200, 429, 200])
  })

  it('of a route comes on top of that of the server', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 3 } })
    const narrow = sse.handler(untilEnd, { limit: { maxConnections: 1 } })
    const wide = sse.handler(untilEnd)
    const sinks = Array.from({ length: 5 }, createFakeSink)
    for (const [index, sink] of sinks.entries()) void (index < 2 ? narrow : wide)({ sink })
    await turnEnd()
    expect(sinks.map((sink) => sink.head?.status)).toEqual([200, 503, 200, 200, 503])
    for (const sink of sinks) sink.leave()
    const again = createFakeSink()
    void narrow({ sink: again })
    await turnEnd()
    expect(again.head?.status).toBe(200)
  })

  it('gives a free slot to whoever waits longest, and forgets who left the queue', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1, maxQueued: 3 } })
    const handler = sse.handler(untilEnd)
    const [first, second, third, fourth] = Array.from({ length: 4 }, createFakeSink)
    for (const sink of [first, second, third, fourth]) void handler({ sink: sink! })
    await turnEnd()
    expect(sse.stats()).toMatchObject({ active: 1, queued: 3 })
    second?.leave()
    expect(sse.stats()).toMatchObject({ active: 1, queued: 2 })
    first?.leave()
    await turnEnd()
    expect([second, third, fourth].map((sink) => sink?.head?.status)).toEqual([
      undefined,
      200,
      undefined,
    ])
    third?.leave()
    fourth?.leave()
    await turnEnd()
    expect(sse.stats()).toMatchObject({ active: 0, queued: 0 })
  })

  it('survives a thousand handlers that fail at once while others wait for their slots', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1, maxQueued: 1_000 } })
    const handler = sse.handler(() => {
      throw new Error('boom')
    })
    const results = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => handler({ sink: createFakeSink() })),
    )
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(sse.stats()).toMatchObject({ active: 0, queued: 0, opened: 1_000 })
  })

  it('leaves errors of its key to the framework, and holds nothing', async () => {
    const sse = createFakeSse({
      limit: {
        maxConnectionsPerKey: 1,
        key: () => {
          throw new Error('no user')
        },
      },
    })
    const sink = createFakeSink()
    await expect(sse.handler(untilEnd)({ sink })).rejects.toThrow('no user')
    expect(sink.isReleased).toBe(true)
    expect(sse.stats().active).toBe(0)
  })

  it('tells onReject, whose errors change nothing', async () => {
    const rejected: unknown[] = []
    const sse = createFakeSse({
      limit: { maxConnections: 1 },
      onReject: (reason, { url }: FakeRequest) => void rejected.push([reason, url]),
    })
    const handler = sse.handler(untilEnd)
    void handler({ sink: createFakeSink() })
    await handler({ sink: createFakeSink(), url: '/late' })
    expect(rejected).toEqual([['server-limit', '/late']])
  })
})

describe('onReject', () => {
  it('that throws is told on the console, and the client is refused', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const sse = createFakeSse({
      limit: { maxConnections: 1 },
      onReject: () => {
        throw new Error('hook')
      },
    })
    const handler = sse.handler(untilEnd)
    void handler({ sink: createFakeSink() })
    const sink = createFakeSink()
    await handler({ sink })
    expect(sink.head?.status).toBe(503)
    expect(sink.isReleased).toBe(true)
    expect(logged.mock.calls).toEqual([[new Error('hook')]])
    logged.mockRestore()
  })
})

describe('a refusal that cannot be sent', () => {
  it('because somebody else answered who stands in line, goes to the framework', async () => {
    vi.useFakeTimers()
    const limit = { maxConnections: 1, maxQueued: 1, queueTimeoutMs: 100 }
    const sse = createFakeSse({ limit })
    const handler = sse.handler(untilEnd)
    void handler({ sink: createFakeSink() })
    const sink = createFakeSink()
    const answered = handler({ sink })
    const refused = expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    sink.isSent = true
    vi.advanceTimersByTime(100)
    await refused
    expect(sink.log).toEqual([])
    expect(sink.isReleased).toBe(true)
    vi.useRealTimers()
  })

  it('because the head is refused, goes to the framework', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1 } })
    const handler = sse.handler(untilEnd)
    void handler({ sink: createFakeSink() })
    const sink = createFakeSink()
    sink.reply = () => {
      throw new Error('bad header')
    }
    await expect(handler({ sink })).rejects.toThrow('bad header')
    expect(sink.isReleased).toBe(true)
  })
})

describe('a request that waits in line', () => {
  it('is not opened when somebody else answered it meanwhile', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1, maxQueued: 1 } })
    const calls: string[] = []
    const handler = sse.handler(async (stream) => {
      calls.push('called')
      await stream.ended
    })
    const first = createFakeSink()
    void handler({ sink: first })
    const sink = createFakeSink()
    const answered = handler({ sink })
    sink.isSent = true
    first.leave()
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    expect(calls).toEqual(['called'])
    expect(sse.stats()).toMatchObject({ active: 0, opened: 1 })
  })

  it('gives its slots back once, whatever fails while it is let in', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 2 } })
    const handler = sse.handler(untilEnd)
    const sink = createFakeSink()
    sink.listen = () => {
      throw new Error('wrapped')
    }
    await expect(handler({ sink })).rejects.toThrow('wrapped')
    sink.isSent = true
    await turnEnd()
    expect(sse.stats().active).toBe(0)
    const sinks = Array.from({ length: 3 }, createFakeSink)
    for (const each of sinks) void handler({ sink: each })
    await turnEnd()
    expect(sinks.map(({ head }) => head?.status)).toEqual([200, 200, 503])
  })

  it('keeps a Readable that fails before it is asked for anything', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1, maxQueued: 1 } })
    const first = createFakeSink()
    void sse.handler(untilEnd)({ sink: first })
    const source = createReadStream('/there/is/no/such/file', 'utf8')
    const answered = sse.respond({ sink: createFakeSink() }, source as AsyncIterable<string>)
    const refused = expect(answered).rejects.toMatchObject({ code: 'ENOENT' })
    await new Promise<void>((resolve) => source.once('close', () => resolve()))
    first.leave()
    await refused
  })
})

describe('a handler that throws nothing worth the name before the head', () => {
  it.each([undefined, null, 0, '', false])('is an error all the same: %s', async (thrown) => {
    const handler = createFakeSse().handler(() => {
      throw thrown
    })
    await expect(handler({ sink: createFakeSink() })).rejects.toMatchObject({
      code: 'source-error',
      message: expect.stringContaining('source'),
    })
  })
})

describe('promises where none may be', () => {
  const fatal = vi.fn()
  const rejecting = (): never => Promise.reject(new Error('nobody waits for it')) as never

  it.each([
    ['from limit.key', { limit: { maxConnectionsPerKey: 1, key: rejecting } }, 'a'],
    ['from serialize', { serialize: rejecting }, { data: 1 }],
    ['as data', {}, { data: 'promise' }],
  ])('are refused, and leave no unhandled rejection: %s', async (_name, options, event) => {
    process.on('unhandledRejection', fatal)
    const handler = createFakeSse(options).handler(() => [
      typeof event === 'object' && event.data === 'promise' ? { data: rejecting() } : event,
    ])
    await expect(handler({ sink: createFakeSink() })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SSE_INVALID_(?:OPTION|DATA)$/),
    })
    await turnEnd()
    process.off('unhandledRejection', fatal)
    expect(fatal).not.toHaveBeenCalled()
  })
})

describe('respond', () => {
  it('lets go of a source that it refuses because of its options', async () => {
    const cancelled: string[] = []
    const source = new ReadableStream<string>({ cancel: () => void cancelled.push('cancel') })
    const answered = createFakeSse().respond({ sink: createFakeSink() }, source, {
      heartbeatMs: -1,
    })
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_OPTION' })
    expect(cancelled).toEqual(['cancel'])
  })

  it('takes a source or a handler', async () => {
    const sse = createFakeSse()
    const [source, handler] = [createFakeSink(), createFakeSink()]
    await sse.respond({ sink: source }, ['a'])
    await sse.respond({ sink: handler }, (stream) => [stream.lastEventId ?? 'none'])
    await turnEnd()
    expect(source.text()).toBe(':\ndata: a\n\n')
    expect(handler.text()).toBe(':\ndata: none\n\n')
  })

  it.each([undefined, null])('refuses %s as a source', async (source) => {
    const sse = createFakeSse()
    await expect(sse.respond({ sink: createFakeSink() }, source as never)).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_SOURCE',
      message: `\`respond()\` needs a source or a handler as its second argument, got ${source}`,
    })
    expect(sse.stats().opened).toBe(0)
  })

  it('refuses a limit, which would limit nothing', async () => {
    const sse = createFakeSse()
    await expect(
      sse.respond({ sink: createFakeSink() }, ['a'], { limit: { maxConnections: 1 } } as never),
    ).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_OPTION' })
  })

  it('lets go of a source that is refused', async () => {
    const sse = createFakeSse({ limit: { maxConnections: 1 } })
    void sse.handler(untilEnd)({ sink: createFakeSink() })
    const cancelled: string[] = []
    const source = new ReadableStream<string>({ cancel: () => void cancelled.push('cancel') })
    await sse.respond({ sink: createFakeSink() }, source)
    expect(cancelled).toEqual(['cancel'])
  })
})

describe('slots', () => {
  it.each([
    ['completed', () => ['x']],
    [
      'source-error',
      async function* () {
        yield 'x'
        throw new Error('boom')
      },
    ],
    [
      'closed',
      (stream: EventStream) => {
        stream.close()
      },
    ],
    ['client-disconnect', untilEnd],
  ] as const)('are exact after 1,000 streams that end as %s', async (reason, handler) => {
    const sse = createFakeSse({ onError: () => undefined })
    const serve = sse.handler(handler as never)
    for (let count = 0; count < 1_000; count += 1) {
      const sink = createFakeSink()
      await serve({ sink })
      if (reason === 'client-disconnect') sink.leave()
    }
    await turnEnd()
    expect(sse.stats()).toMatchObject({ active: 0, opened: 1_000, ended: { [reason]: 1_000 } })
  })
})
