import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, openFake, turnEnd } from '../../test/fake-sink.ts'
import { SseError } from '../errors.ts'
import type { EventStream } from './event-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => undefined)

function streamOf(...events: string[]): ReadableStream<string> {
  return new ReadableStream({
    start: (controller) => {
      for (const event of events) controller.enqueue(event)
      controller.close()
    },
  })
}

/** A generator that yields once and then waits for ever, whatever its signal says. */
async function* parked(log: string[]): AsyncGenerator<string> {
  try {
    yield 'first'
    await never()
  } finally {
    log.push('finally')
  }
}

/** A generator that is suspended at a `yield` whenever its client does not keep up. */
async function* endless(log: string[]): AsyncGenerator<string> {
  try {
    for (;;) yield 'x'.repeat(1_000)
  } finally {
    log.push('finally')
  }
}

describe('opening', () => {
  it('sends the head and a first comment though the source has nothing yet', async () => {
    const { sink, answered } = openFake(() => never())
    await answered
    await turnEnd()
    expect(sink.head).toEqual({
      status: 200,
      headers: {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-cache, no-transform',
        'X-Accel-Buffering': 'no',
      },
    })
    expect(sink.log).toEqual(['<open>', ':\n'])
  })

  it('begins with the reconnection time, in no block of its own', async () => {
    const { sink } = openFake(() => ['x'], { retryMs: 2_500 })
    await turnEnd()
    expect(sink.text()).toBe(':\nretry: 2500\ndata: x\n\n')
  })

  it('leaves an error of the first turn to the framework, with nothing sent', async () => {
    const error = new Error('no question')
    const { sink, ends, errors, answered } = openFake(async function* () {
      if (Date.now() > 0) throw error
      yield 'never'
    })
    await expect(answered).rejects.toBe(error)
    expect(sink.log).toEqual([])
    expect(sink.isReleased).toBe(true)
    expect(ends).toEqual(['source-error'])
    expect(errors).toEqual([])
  })

  it('leaves an error that a plain handler throws to the framework', async () => {
    const { answered, sse } = openFake(() => {
      throw new Error('sync')
    })
    await expect(answered).rejects.toThrow('sync')
    expect(sse.stats()).toMatchObject({ active: 0, opened: 1 })
  })

  it('counts an error after the first event as one of the stream, even in the same turn', async () => {
    const { sink, ends, errors, answered } = openFake(async function* () {
      yield 'first'
      throw new Error('secret')
    })
    await answered
    await turnEnd()
    expect(sink.text()).toBe(
      ':\ndata: first\n\nevent: error\ndata: {"error":"Internal server error"}\n\n',
    )
    expect(ends).toEqual(['source-error'])
    expect(errors).toEqual([new Error('secret')])
  })

  it('refuses a handler that answered by itself', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    const answered = sse.handler(() => {
      sink.isSent = true
    })({ sink })
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    expect(sse.stats().active).toBe(0)
  })

  it('gives back the slot when the head cannot be sent', async () => {
    const sse = createFakeSse()
    const sink = createFakeSink()
    sink.open = () => {
      throw new Error('bad header')
    }
    await expect(sse.handler(() => ['x'])({ sink })).rejects.toThrow('bad header')
    expect(sse.stats().active).toBe(0)
  })
})

describe('the signal', () => {
  it('aborts with the reason as the code of an SseError, before return() is called', async () => {
    const order: string[] = []
    let signal: AbortSignal | undefined
    const { sink } = openFake((stream) => {
      signal = stream.signal
      signal.addEventListener('abort', () => order.push('abort'))
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => never(),
          return: () => {
            order.push('return')
            return Promise.resolve({ done: true as const, value: undefined })
          },
        }),
      }
    })
    await turnEnd()
    sink.leave()
    expect(order).toEqual(['abort', 'return'])
    expect(signal?.reason).toBeInstanceOf(SseError)
    expect(signal?.reason).toMatchObject({ code: 'client-disconnect' })
  })

  it('aborts before return() is called when the server ends the stream, too', async () => {
    const order: string[] = []
    let opened: EventStream | undefined
    openFake((stream) => {
      opened = stream
      stream.signal.addEventListener('abort', () => order.push('abort'))
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => never(),
          return: () => {
            order.push('return')
            return Promise.resolve({ done: true as const, value: undefined })
          },
        }),
      }
    })
    await turnEnd()
    opened?.close()
    expect(order).toEqual(['abort', 'return'])
  })

  it('does not abort while the last bytes of a completed stream are on their way', async () => {
    let signal: AbortSignal | undefined
    const { sink } = openFake((stream) => {
      signal = stream.signal
      return ['x']
    })
    sink.isFrozen = true
    await turnEnd()
    expect(signal?.aborted).toBe(false)
    sink.thaw()
    expect(signal?.reason).toMatchObject({ code: 'completed' })
  })

  it('carries as the cause what was thrown before the head, too', async () => {
    let signal: AbortSignal | undefined
    const { answered } = openFake((stream) => {
      signal = stream.signal
      throw new Error('boom')
    })
    await expect(answered).rejects.toThrow('boom')
    expect(signal?.reason).toMatchObject({ code: 'source-error', cause: new Error('boom') })
  })

  it('is aborted already when it is asked for after the end', async () => {
    let stream: EventStream | undefined
    const { sink } = openFake((opened) => {
      stream = opened
      return never()
    })
    await turnEnd()
    sink.leave()
    expect(stream?.signal.aborted).toBe(true)
    expect(stream?.signal.reason).toMatchObject({ code: 'client-disconnect' })
  })

  it('aborts after completion too, so that everything tied to it is let go', async () => {
    let signal: AbortSignal | undefined
    openFake((stream) => {
      signal = stream.signal
      return ['x']
    })
    await turnEnd()
    expect(signal?.reason).toMatchObject({ code: 'completed' })
  })

  it('carries what the source threw as the cause', async () => {
    let signal: AbortSignal | undefined
    openFake(async function* (stream) {
      signal = stream.signal
      yield 'x'
      throw new Error('boom')
    })
    await turnEnd()
    expect(signal?.reason).toMatchObject({ code: 'source-error', cause: new Error('boom') })
  })
})

describe('the end', () => {
  it('does not wait for a generator that is parked in an await', async () => {
    const log: string[] = []
    const { sink, ends, sse } = openFake(() => parked(log))
    await turnEnd()
    sink.leave()
    expect(ends).toEqual(['client-disconnect'])
    expect(sse.stats().active).toBe(0)
    expect(log).toEqual([])
  })

  it('runs the finally of a generator that waits for its client', async () => {
    const log: string[] = []
    const { sink, ends } = openFake(() => endless(log))
    sink.isFrozen = true
    await turnEnd()
    sink.leave()
    await turnEnd()
    expect(log).toEqual(['finally'])
    expect(ends).toEqual(['client-disconnect'])
  })

  it.each(['leave, leave', 'leave, thaw', 'close, leave', 'close, close', 'leave, close'])(
    'happens once: %s',
    async (steps) => {
      const log: string[] = []
      let stream: EventStream | undefined
      const { sink, ends, sse } = openFake((opened) => {
        stream = opened
        return endless(log)
      })
      sink.isFrozen = true
      await turnEnd()
      for (const step of steps.split(', ')) {
        if (step === 'leave') sink.leave()
        if (step === 'thaw') sink.thaw()
        if (step === 'close') stream?.close()
      }
      await turnEnd()
      sink.thaw()
      await turnEnd()
      expect(ends).toHaveLength(1)
      expect(log).toEqual(['finally'])
      expect(sse.stats()).toMatchObject({ active: 0, opened: 1 })
    },
  )

  it('comes when more than one turn is needed to hand everything over', async () => {
    const { sink, ends } = openFake((stream) => {
      for (let count = 0; count < 20; count += 1) void stream.send('x'.repeat(20_000))
    })
    for (let count = 0; count < 10 && ends.length === 0; count += 1) await turnEnd()
    expect(sink.text().match(/^data: x{20000}$/gm)).toHaveLength(20)
    expect(ends).toEqual(['completed'])
  })

  it('is told to the sink once', async () => {
    const { sink } = openFake(() => ['last'])
    sink.isFrozen = true
    await turnEnd()
    await turnEnd()
    sink.thaw()
    await turnEnd()
    expect(sink.log.filter((what) => what === '<end>')).toHaveLength(1)
  })

  it('leaves the sums as they were', async () => {
    const { sse, sink } = openFake(() => ['one', 'two'])
    await turnEnd()
    expect(sse.stats()).toMatchObject({
      active: 0,
      opened: 1,
      events: 2,
      bytes: sink.text().length,
      dropped: 0,
      stalled: 0,
    })
  })

  it('counts a stream as stalled while its client does not take what was written', async () => {
    const { sink, sse } = openFake(() => never())
    await turnEnd()
    expect(sse.stats().stalled).toBe(0)
    sink.isFrozen = true
    vi.advanceTimersByTime(15_300)
    expect(sse.stats()).toMatchObject({ active: 1, stalled: 1 })
    sink.leave()
    expect(sse.stats()).toMatchObject({ active: 0, stalled: 0 })
  })

  it('counts as dropped what was taken but not handed over', async () => {
    let stream: EventStream | undefined
    const { sink, sse } = openFake((opened) => {
      stream = opened
      return never()
    })
    await turnEnd()
    sink.isFrozen = true
    sink.highWaterMark = 1
    void stream?.send('handed over')
    await turnEnd()
    for (const text of ['a', 'b', 'c']) void stream?.send(text)
    sink.leave()
    expect(sse.stats()).toMatchObject({ events: 4, dropped: 3 })
  })

  it('counts nothing as dropped that was handed over in the same turn', async () => {
    let stream: EventStream | undefined
    const { sink, sse } = openFake((opened) => {
      stream = opened
      return never()
    })
    await turnEnd()
    void stream?.send('x'.repeat(20_000))
    sink.leave()
    expect(sse.stats()).toMatchObject({ events: 1, dropped: 0 })
  })

  it('tells everyone the same reason', async () => {
    let stream: EventStream | undefined
    const { sse, ends } = openFake((opened) => {
      stream = opened
      return never()
    })
    await turnEnd()
    stream?.close({ event: 'bye', data: 1 })
    expect(await stream?.ended).toBe('closed')
    expect(ends).toEqual(['closed'])
    expect(sse.stats().ended.closed).toBe(1)
    expect(stream?.signal.reason).toMatchObject({ code: 'closed' })
  })

  it('lets a client that left while the rest was on its way count as gone, not as served', async () => {
    const { sink, ends } = openFake(() => ['last'])
    sink.isFrozen = true
    await turnEnd()
    sink.leave()
    expect(ends).toEqual(['client-disconnect'])
  })

  it('sends the completion event after the source ended by itself, and only then', async () => {
    const done = { event: 'done', data: { total: 1 } }
    const completed = openFake(() => ['x'], { completion: done })
    const failed = openFake(
      async function* () {
        yield 'x'
        throw new Error('boom')
      },
      { completion: done },
    )
    await turnEnd()
    expect(completed.sink.text()).toBe(':\ndata: x\n\nevent: done\ndata: {"total":1}\n\n')
    expect(failed.sink.text()).not.toContain('done')
  })

  it('comes after maxEvents events, as closed', async () => {
    const log: string[] = []
    const { sink, ends } = openFake(() => endless(log), { maxEvents: 3 })
    await turnEnd()
    expect(sink.text().match(/^data/gm)).toHaveLength(3)
    expect(ends).toEqual(['closed'])
    expect(log).toEqual(['finally'])
  })

  it('comes with overflow when nobody awaits send and the client does not read', async () => {
    let stream: EventStream | undefined
    const { sink, ends, sse } = openFake(
      (opened) => {
        stream = opened
        return never()
      },
      { maxBufferedBytes: 10_000 },
    )
    sink.isFrozen = true
    await turnEnd()
    for (let count = 0; count < 100; count += 1) void stream?.send('x'.repeat(1_000))
    await turnEnd()
    for (let count = 0; count < 100; count += 1) void stream?.send('x'.repeat(1_000))
    expect(ends).toEqual(['overflow'])
    expect(sink.log.at(-1)).toBe('<destroy>')
    expect(sse.stats().dropped).toBeGreaterThan(0)
  })

  it('comes with overflow for one event that is too much, which is counted as dropped', async () => {
    let stream: EventStream | undefined
    const { sink, ends, sse } = openFake(
      (opened) => {
        stream = opened
        return never()
      },
      { maxBufferedBytes: 3_000 },
    )
    await turnEnd()
    sink.isFrozen = true
    void stream?.send('x'.repeat(2_000))
    await turnEnd()
    // The first that has to wait passes: whoever awaits each of them does not know yet.
    void stream?.send('x'.repeat(2_000))
    expect(ends).toEqual([])
    void stream?.send('x'.repeat(2_000))
    expect(ends).toEqual(['overflow'])
    expect(sse.stats()).toMatchObject({ events: 3, dropped: 2 })
  })

  it.each([
    ['sends', (stream: EventStream, data: string) => stream.send(data)],
    ['yields', undefined],
  ])(
    'does not come with overflow where it awaits each event, in a turn of its own, and %s',
    async (_, send) => {
      const data = 'x'.repeat(2_000)
      const { sink, ends, sse } = openFake(
        async function* (stream) {
          for (let count = 0; count < 20; count += 1) {
            await turnEnd()
            if (send === undefined) yield data
            else await send(stream, data)
          }
        },
        { maxBufferedBytes: 3_000, sendTimeoutMs: 0 },
      )
      await turnEnd()
      sink.isFrozen = true
      while (ends.length === 0) {
        const { events } = sse.stats()
        for (let turn = 0; turn < 5; turn += 1) await turnEnd()
        if (sse.stats().events === events) sink.take(10_000)
      }
      expect(ends).toEqual(['completed'])
      expect(sse.stats()).toMatchObject({ events: 20, dropped: 0 })
    },
  )

  it('does not come with overflow while every send is awaited', async () => {
    const { sink, ends } = openFake(
      async (stream) => {
        for (let count = 0; count < 100; count += 1) await stream.send('x'.repeat(1_000))
      },
      { maxBufferedBytes: 5_000, sendTimeoutMs: 0 },
    )
    sink.isFrozen = true
    await turnEnd()
    for (let count = 0; count < 200 && ends.length === 0; count += 1) {
      sink.take(100_000)
      await turnEnd()
    }
    expect(ends).toEqual(['completed'])
    expect(sink.text().match(/^data/gm)).toHaveLength(100)
  })

  it('drops what is sent afterwards, without an error', async () => {
    let stream: EventStream | undefined
    const { sink, sse, errors } = openFake((opened) => {
      stream = opened
      return never()
    })
    await turnEnd()
    sink.leave()
    await stream?.send('late')
    await stream?.comment('late')
    stream?.close({ data: 'late' })
    expect(sse.stats().dropped).toBe(2)
    expect(errors).toEqual([])
  })
})

describe('orphaned sources', () => {
  it('are counted and reported when they do not clean up in time', async () => {
    const { sink, sse, errors } = openFake(() => parked([]), { cleanupTimeoutMs: 1_000 })
    await turnEnd()
    sink.leave()
    await turnEnd()
    vi.advanceTimersByTime(999)
    expect(sse.stats().orphaned).toBe(0)
    vi.advanceTimersByTime(1)
    expect(sse.stats().orphaned).toBe(1)
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_ORPHANED_SOURCE' })])
  })

  it('are counted once, also while the client has not taken the last of the stream', async () => {
    let stream: EventStream | undefined
    const { sink, sse } = openFake(
      (opened) => {
        stream = opened
        return parked([])
      },
      { cleanupTimeoutMs: 1_000, sendTimeoutMs: 0 },
    )
    await turnEnd()
    sink.isFrozen = true
    sink.highWaterMark = Infinity
    // What takes several turns to leave.
    stream?.close('x'.repeat(300_000))
    for (let turn = 0; turn < 6; turn += 1) await turnEnd()
    vi.advanceTimersByTime(1_000)
    expect(sse.stats()).toMatchObject({ active: 1, orphaned: 1 })
    vi.advanceTimersByTime(10_000)
    expect(sse.stats().orphaned).toBe(1)
    sink.leave()
    await turnEnd()
  })

  it('are none when cleanup finishes in time, and no timer is left', async () => {
    const { sink, sse } = openFake(async (stream) => {
      await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
    })
    await turnEnd()
    sink.leave()
    await turnEnd()
    expect(vi.getTimerCount()).toBe(0)
    expect(sse.stats().orphaned).toBe(0)
  })
})

describe('errors', () => {
  it('say what formatError says', async () => {
    const { sink } = openFake(
      async function* () {
        yield 'x'
        throw new Error('rate limited')
      },
      { formatError: (error) => ({ event: 'failed', data: (error as Error).message }) },
    )
    await turnEnd()
    expect(sink.text()).toContain('event: failed\ndata: rate limited\n\n')
  })

  it('send no event when formatError returns nothing', async () => {
    const { sink, ends } = openFake(
      async function* () {
        yield 'x'
        throw new Error('secret')
      },
      { formatError: () => undefined },
    )
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: x\n\n')
    expect(ends).toEqual(['source-error'])
  })

  it('of formatError itself are reported, and the client gets the masked one', async () => {
    const { sink, ends, errors } = openFake(
      async function* () {
        yield 'x'
        throw new Error('first')
      },
      {
        formatError: () => {
          throw new Error('second')
        },
      },
    )
    await turnEnd()
    expect(sink.text()).toBe(
      ':\ndata: x\n\nevent: error\ndata: {"error":"Internal server error"}\n\n',
    )
    expect(errors).toEqual([new Error('first'), new Error('second')])
    expect(ends).toEqual(['source-error'])
  })

  it('of hooks are reported and change nothing', async () => {
    const errors: unknown[] = []
    const sse = createFakeSse({
      onOpen: () => {
        throw new Error('open')
      },
      onEnd: () => {
        throw new Error('end')
      },
      onError: (error) => void errors.push(error),
    })
    const sink = createFakeSink()
    await sse.handler(() => ['x'])({ sink })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: x\n\n')
    expect(errors).toEqual([new Error('open'), new Error('end')])
    expect(sse.stats().active).toBe(0)
  })

  it('after a disconnect are none', async () => {
    const { sink, errors } = openFake(async function* (stream) {
      yield 'x'
      await new Promise((_, reject) =>
        stream.signal.addEventListener('abort', () => reject(stream.signal.reason as Error)),
      )
    })
    await turnEnd()
    sink.leave()
    await turnEnd()
    expect(errors).toEqual([])
  })

  it('of an event that cannot be encoded end a pulled stream', async () => {
    const { ends, errors } = openFake(() => ['fine', { id: 'a\nb', data: 'x' }])
    await turnEnd()
    expect(ends).toEqual(['source-error'])
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_FIELD' })])
  })

  it('of an event that cannot be encoded reject send, are reported, and the stream goes on', async () => {
    const codes: unknown[] = []
    const { sink, errors, ends } = openFake(async (stream) => {
      void stream.send({ id: 'a\nb', data: 'unawaited' })
      await stream.send({ data: 1n }).catch((error: SseError) => codes.push(error.code))
      await stream.send('fine')
    })
    await turnEnd()
    expect(codes).toEqual(['ERR_SSE_INVALID_DATA'])
    expect(errors).toHaveLength(2)
    expect(sink.text()).toBe(':\ndata: fine\n\n')
    expect(ends).toEqual(['completed'])
  })
})

describe('sources', () => {
  it.each([
    ['an array', () => ['a', 'b']],
    [
      'a sync generator',
      function* () {
        yield* ['a', 'b']
      },
    ],
    [
      'an async generator',
      async function* () {
        yield* ['a', 'b']
      },
    ],
    ['a promise of an iterable', () => Promise.resolve(['a', 'b'])],
    ['an iterable of promises', () => [Promise.resolve('a'), Promise.resolve('b')] as never],
    ['a ReadableStream', () => streamOf('a', 'b')],
    ['a Node Readable', () => Readable.from(['a', 'b'])],
    [
      'sends',
      async (stream: EventStream) => {
        await stream.send('a')
        await stream.send('b')
      },
    ],
  ])('may be %s', async (_name, handler) => {
    const { sink, ends } = openFake(handler)
    for (let count = 0; count < 10 && ends.length === 0; count += 1) await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\ndata: b\n\n')
    expect(ends).toEqual(['completed'])
  })

  it.each([
    ['a number', 42],
    ['a string', 'text'],
    ['null', null],
    ['bytes', new Uint8Array(3)],
    ['an object', { data: 'x' }],
    ['a function', () => []],
    ['a Response', new Response('x')],
  ])('may not be %s', async (_name, value) => {
    const { answered, sse } = openFake((() => value) as never)
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_SOURCE' })
    expect(sse.stats().active).toBe(0)
  })

  it('may not be a ReadableStream that something else reads', async () => {
    const stream = streamOf('a')
    stream.getReader()
    const { answered } = openFake(() => stream)
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_SOURCE' })
  })

  it('are cancelled when the client leaves, also while they wait', async () => {
    const cancelled: string[] = []
    const web = new ReadableStream<string>({ cancel: () => void cancelled.push('web') })
    const node = new Readable({ objectMode: true, read: () => undefined })
    node.on('close', () => cancelled.push('node'))
    const sinks = [openFake(() => web).sink, openFake(() => node).sink]
    await turnEnd()
    for (const sink of sinks) sink.leave()
    await turnEnd()
    expect(cancelled.sort()).toEqual(['node', 'web'])
  })

  it('that arrive after the end are cancelled without being read', async () => {
    const cancelled: string[] = []
    const source = new ReadableStream<string>({ cancel: () => void cancelled.push('cancel') })
    let arrive: ((value: ReadableStream<string>) => void) | undefined
    const { sink } = openFake(
      () => new Promise<ReadableStream<string>>((resolve) => (arrive = resolve)),
    )
    await turnEnd()
    sink.leave()
    arrive?.(source)
    await turnEnd()
    expect(cancelled).toEqual(['cancel'])
  })

  it('that never wait do not keep the loop from other work', async () => {
    const { sink, ends } = openFake(() => endless([]))
    let turns = 0
    for (; turns < 5; turns += 1) await turnEnd()
    expect(ends).toEqual([])
    expect(sink.text().length).toBeLessThan(20 * 65_536)
    sink.leave()
  })
})
