import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, openFake, turnEnd } from '../../test/fake-sink.ts'
import type { EventStream } from './event-stream.ts'

const fatal = vi.fn()
beforeEach(() => {
  vi.useFakeTimers()
  process.on('unhandledRejection', fatal)
})
afterEach(() => {
  vi.useRealTimers()
  process.off('unhandledRejection', fatal)
  vi.restoreAllMocks()
  expect(fatal).not.toHaveBeenCalled()
  fatal.mockReset()
})

const never = (): Promise<never> => new Promise(() => undefined)

/** Opens a stream that waits, and hands out what the handler sees. */
async function open(options: Parameters<typeof openFake>[1] = {}) {
  let opened: EventStream | undefined
  const fixture = openFake(async (stream) => {
    opened = stream
    await never()
  }, options)
  await turnEnd()
  return { ...fixture, stream: opened as EventStream }
}

describe('what listens to the signal', () => {
  it('may close, send and comment, which changes nothing any more', async () => {
    const { stream, sink, ends, errors } = await open()
    stream.signal.addEventListener('abort', () => {
      stream.close('again')
      void stream.send('late')
      void stream.comment('late')
    })
    stream.close('bye')
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: bye\n\n')
    expect(ends).toEqual(['closed'])
    expect(errors).toEqual([])
  })

  it('may cut the connection: then nothing is written to it any more', async () => {
    const { stream, sink, ends } = await open()
    stream.signal.addEventListener('abort', () => sink.leave())
    stream.close('bye')
    await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n'])
    expect(ends).toEqual(['closed'])
    expect(sink.isReleased).toBe(true)
  })

  it('may cut the connection while an error is told', async () => {
    let signal: AbortSignal | undefined
    const { sink, ends } = openFake(async function* (stream) {
      signal = stream.signal
      yield 'x'
      await Promise.resolve()
      throw new Error('boom')
    })
    signal?.addEventListener('abort', () => sink.leave())
    await turnEnd()
    expect(sink.text()).not.toContain('event: error')
    expect(ends).toEqual(['source-error'])
  })

  it('may end all other streams', async () => {
    const ends: string[] = []
    const sse = createFakeSse({ onEnd: (reason, { id }) => void ends.push(`${id} ${reason}`) })
    const streams: EventStream[] = []
    const sinks = Array.from({ length: 3 }, createFakeSink)
    const handler = sse.handler(async (stream) => {
      streams.push(stream)
      stream.signal.addEventListener('abort', () => streams.forEach((other) => other.close()))
      await never()
    })
    for (const sink of sinks) void handler({ sink })
    await turnEnd()
    sinks[1]?.leave()
    await turnEnd()
    expect(ends).toHaveLength(3)
    expect(sse.stats()).toMatchObject({ active: 0, ended: { closed: 2, 'client-disconnect': 1 } })
  })

  it('may shut everything down', async () => {
    const { stream, sse, sink } = await open()
    let closed: Promise<void> | undefined
    stream.signal.addEventListener('abort', () => {
      closed = sse.close({ graceMs: 0 })
    })
    sink.leave()
    await vi.advanceTimersByTimeAsync(10)
    await closed
    expect(sse.stats()).toMatchObject({ active: 0, ended: { 'client-disconnect': 1 } })
  })
})

describe('return() of a source', () => {
  it('may close the stream that it is stopped for', async () => {
    let stream: EventStream | undefined
    const { sink, ends } = openFake((opened) => {
      stream = opened
      return {
        [Symbol.asyncIterator]: () => ({
          next: never,
          return: () => {
            stream?.close('never')
            sink.leave()
            return Promise.resolve({ done: true as const, value: undefined })
          },
        }),
      }
    })
    await turnEnd()
    stream?.close('bye')
    expect(ends).toEqual(['closed'])
    expect(sink.text()).toBe(':\n')
    await turnEnd()
  })
})

describe('hooks', () => {
  it('may close the stream when it opens: nothing is sent but the head', async () => {
    const ends: string[] = []
    const sink = createFakeSink()
    const sse = createFakeSse({
      onOpen: ({ context }) => context.sink.leave(),
      onEnd: (reason) => void ends.push(reason),
    })
    await sse.handler(() => ['x'])({ sink })
    await turnEnd()
    expect(sink.log).toEqual(['<open>'])
    expect(ends).toEqual(['client-disconnect'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may shut everything down when a stream opens', async () => {
    const sink = createFakeSink()
    let closed: Promise<void> | undefined
    const sse = createFakeSse({
      onOpen: () => {
        closed = sse.close({ graceMs: 100, event: 'bye' })
      },
    })
    await sse.handler(() => ['never'])({ sink })
    await vi.advanceTimersByTimeAsync(200)
    await closed
    expect(sink.text()).toMatch(/^:\nretry: \d+\ndata: bye\n\n$/)
    expect(sse.stats()).toMatchObject({ active: 0, ended: { shutdown: 1 } })
  })

  it('may close the stream when it opens, while its client does not read', async () => {
    const sink = createFakeSink()
    sink.isFrozen = true
    const streams: EventStream[] = []
    const sse = createFakeSse({ onOpen: () => streams[0]?.close('bye') })
    await sse.handler((stream) => {
      streams.push(stream)
      void stream.send('never')
      return never()
    })({ sink })
    await turnEnd()
    sink.thaw()
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: bye\n\n')
    expect(sse.stats()).toMatchObject({ active: 0, ended: { closed: 1 } })
  })

  it('may shut everything down when a stream ends: who waits for its slot is refused', async () => {
    let closed: Promise<void> | undefined
    const sse = createFakeSse({
      limit: { maxConnections: 1, maxQueued: 1 },
      onEnd: () => {
        closed ??= sse.close({ graceMs: 100 })
      },
    })
    const handler = sse.handler(never)
    const [first, second] = [createFakeSink(), createFakeSink()]
    void handler({ sink: first })
    const refused = handler({ sink: second })
    await turnEnd()
    first.leave()
    await refused
    await vi.advanceTimersByTimeAsync(200)
    await closed
    expect(second.head?.status).toBe(503)
    expect(sse.stats()).toMatchObject({ active: 0, queued: 0, rejected: { shutdown: 1 } })
  })

  it('that are asynchronous and reject are reported, and nothing is unhandled', async () => {
    const errors: unknown[] = []
    const sse = createFakeSse({
      onOpen: (() => Promise.reject(new Error('open'))) as never,
      onEnd: (() => Promise.reject(new Error('end'))) as never,
      onError: (error) => void errors.push(error),
    })
    await sse.handler(() => ['x'])({ sink: createFakeSink() })
    await turnEnd()
    expect(errors).toEqual([new Error('open'), new Error('end')])
  })

  it('that fail in onError go to the console, once', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const throwing = createFakeSse({
      onError: () => {
        throw new Error('sync')
      },
    })
    const rejecting = createFakeSse({ onError: () => Promise.reject(new Error('async')) as never })
    for (const sse of [throwing, rejecting]) {
      const handler = sse.handler((stream) => void stream.send({ id: '\0' }))
      await handler({ sink: createFakeSink() })
      await turnEnd()
    }
    expect(logged.mock.calls).toEqual([[new Error('sync')], [new Error('async')]])
  })

  it('are by default the console for errors', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const sse = createFakeSse()
    await sse.handler((stream) => void stream.send({ id: '\0' }))({ sink: createFakeSink() })
    await turnEnd()
    expect(logged.mock.calls).toEqual([
      [expect.objectContaining({ code: 'ERR_SSE_INVALID_FIELD' })],
    ])
  })
})

describe('a handler', () => {
  it('may close the stream and go on sending', async () => {
    const { sink, ends, errors, sse } = openFake(async (stream) => {
      await stream.send('a')
      stream.close()
      await stream.send('b')
      await stream.send('c')
    })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\n')
    expect(ends).toEqual(['closed'])
    expect(errors).toEqual([])
    expect(sse.stats()).toMatchObject({ events: 1, dropped: 2 })
  })

  it('may be closed by the data of its own event', async () => {
    const { stream, sink, ends } = await open()
    const data = {
      toJSON: () => {
        stream.close()
        return 'late'
      },
    }
    await stream.send({ data })
    await turnEnd()
    expect(sink.text()).toBe(':\n')
    expect(ends).toEqual(['closed'])
  })

  it('that yields after a close of its own is stopped', async () => {
    const log: string[] = []
    const { sink, ends } = openFake(async function* (stream) {
      try {
        yield 'a'
        stream.close('last')
        yield 'b'
        log.push('goes on')
      } finally {
        log.push('finally')
      }
    })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\ndata: last\n\n')
    expect(log).toEqual(['finally'])
    expect(ends).toEqual(['closed'])
  })

  it('that throws after a close of its own is no error', async () => {
    const { sink, errors, ends } = openFake(async (stream) => {
      stream.close('last')
      await Promise.resolve()
      throw new Error('after the end')
    })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: last\n\n')
    expect(errors).toEqual([])
    expect(ends).toEqual(['closed'])
  })

  it('whose client left before it threw leaves no error to the framework', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    const answered = sse.handler(async () => {
      sink.leave()
      throw new Error('nobody is there')
    })({ sink })
    await expect(answered).resolves.toBeUndefined()
    expect(sse.stats()).toMatchObject({ active: 0, ended: { 'client-disconnect': 1 } })
  })
})

describe('a head that cannot be sent', () => {
  it('leaves no timer, although the response that was sent instead is on its way', async () => {
    const sse = createFakeSse({ onError: () => undefined })
    const sink = createFakeSink()
    const answered = sse.handler(() => {
      sink.isSent = true
      sink.isFrozen = true
      sink.write(new Uint8Array(5_000))
      return never()
    })({ sink })
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    await turnEnd()
    await vi.advanceTimersByTimeAsync(5_001)
    expect(vi.getTimerCount()).toBe(0)
    expect(sse.stats()).toMatchObject({ active: 0, stalled: 0 })
  })
})
