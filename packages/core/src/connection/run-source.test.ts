import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openFake, turnEnd } from '../../test/fake-sink.ts'
import type { EventStream } from './event-stream.ts'

const fatal = vi.fn()
beforeEach(() => {
  vi.useFakeTimers()
  process.on('unhandledRejection', fatal)
})
afterEach(() => {
  vi.useRealTimers()
  process.off('unhandledRejection', fatal)
  expect(fatal).not.toHaveBeenCalled()
  fatal.mockReset()
})

interface Script {
  /** What `next()` gives, one after the other; then it waits for ever. */
  readonly next?: readonly (() => unknown)[]
  readonly return?: () => unknown
}

/** A source that notes what is asked of it. */
function scripted({ next = [], return: stop = () => undefined }: Script) {
  const calls: string[] = []
  const source = {
    [Symbol.asyncIterator]() {
      calls.push('start')
      let asked = 0
      return {
        next: () => {
          calls.push('next')
          const answer = next[asked]
          asked += 1
          return (answer === undefined ? new Promise(() => undefined) : answer()) as never
        },
        return: () => {
          calls.push('return')
          return stop() as never
        },
      }
    },
  }
  return { calls, source: source as AsyncIterable<string> }
}

const value = (text: unknown) => () => Promise.resolve({ done: false, value: text })
const done = () => Promise.resolve({ done: true, value: undefined })

describe('a handler', () => {
  it('may return a promise that has a `then` of its own, which is not asked', async () => {
    const promise = Promise.resolve(['a'])
    const then = (done: (value: string[]) => void) => [done(['b']), done(['c'])]
    // oxlint-disable-next-line unicorn/no-thenable -- It is a promise.
    const { sink, ends } = openFake(() => Object.assign(promise, { then }) as Promise<string[]>)
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\n')
    expect(ends).toEqual(['completed'])
  })

  it('may return what only looks like a promise, and answers twice', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- That is what it is about.
    const thenable = { then: (done: (value: string[]) => void) => [done(['a']), done(['b'])] }
    const { sink, sse } = openFake(() => thenable as unknown as Promise<string[]>)
    await turnEnd()
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\n')
    expect(sse.stats()).toMatchObject({ events: 1, orphaned: 0 })
  })

  it('is an orphan if it closed its stream and never comes back', async () => {
    const { sse, ends } = openFake(
      (stream) => {
        stream.close()
        return new Promise<never>(() => undefined)
      },
      { cleanupTimeoutMs: 1_000 },
    )
    await turnEnd()
    await turnEnd()
    expect(ends).toEqual(['closed'])
    vi.advanceTimersByTime(1_000)
    expect(sse.stats().orphaned).toBe(1)
  })
})

describe('a source', () => {
  it('is asked for its first event in the same turn in which the request came', () => {
    const { calls, source } = scripted({})
    openFake(() => source)
    expect(calls).toEqual(['start', 'next'])
  })

  it('is asked for the next event only when the last one was taken', async () => {
    const { calls, source } = scripted({ next: [value('a'), value('b')] })
    openFake(() => source)
    await turnEnd()
    expect(calls).toEqual(['start', 'next', 'next', 'next'])
  })

  it('that ended by itself is not told to stop', async () => {
    const { calls, source } = scripted({ next: [value('a'), done] })
    const { ends } = openFake(() => source)
    await turnEnd()
    expect(calls).toEqual(['start', 'next', 'next'])
    expect(ends).toEqual(['completed'])
  })

  it('is told to stop once, however its stream ends', async () => {
    const { calls, source } = scripted({ next: [value('a')] })
    let stream: EventStream | undefined
    const { sink } = openFake((opened) => {
      stream = opened
      return source
    })
    await turnEnd()
    sink.isFrozen = true
    sink.highWaterMark = 1
    stream?.close()
    stream?.close()
    sink.leave()
    await turnEnd()
    expect(calls.filter((call) => call === 'return')).toHaveLength(1)
  })

  it('that returns a Response, which nobody would see, is refused with the fix', async () => {
    const answer = Response.json({ error: 'who are you?' }, { status: 401 })
    const { answered, sink, ends } = openFake(
      () =>
        ({
          [Symbol.asyncIterator]: () => ({ next: () => ({ done: true, value: answer }) }),
        }) as never,
    )
    await expect(answered).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_SOURCE',
      message: expect.stringMatching(/got an instance of Response\. To answer with an ordinary/),
    })
    expect(sink.head).toBeUndefined()
    expect(ends).toEqual(['source-error'])
  })

  it('is told to stop when it yields what cannot be sent', async () => {
    const { calls, source } = scripted({ next: [value('a'), value({ id: 'a\nb', data: 1 })] })
    const { ends } = openFake(() => source)
    await turnEnd()
    expect(calls.at(-1)).toBe('return')
    expect(ends).toEqual(['source-error'])
  })

  it('is told to stop when the first that it yields cannot be sent', async () => {
    const { calls, source } = scripted({ next: [value({ id: 'a\nb', data: 1 })] })
    const { answered } = openFake(() => source)
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_FIELD' })
    expect(calls).toEqual(['start', 'next', 'return'])
  })

  it.each([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => 5],
  ])('that answers next() with %s is an error', async (_name, answer) => {
    const { source } = scripted({ next: [value('a'), answer] })
    const { ends, errors } = openFake(() => source)
    await turnEnd()
    expect(errors).toEqual([expect.any(Error)])
    expect(ends).toEqual(['source-error'])
  })

  it('may yield promises', async () => {
    const { source } = scripted({ next: [value(Promise.resolve('later')), done] })
    const { sink } = openFake(() => source)
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: later\n\n')
  })

  it('whose promise of an event rejects is stopped, with that error', async () => {
    const { calls, source } = scripted({
      next: [value('a'), () => ({ done: false, value: Promise.reject(new Error('no')) })],
    })
    const { errors, ends } = openFake(() => source)
    await turnEnd()
    expect(errors).toEqual([new Error('no')])
    expect(ends).toEqual(['source-error'])
    expect(calls.at(-1)).toBe('return')
  })

  it('may be a promise that rejects, which is the error of the handler', async () => {
    const { answered, ends } = openFake(() => Promise.reject(new Error('no source')))
    await expect(answered).rejects.toThrow('no source')
    expect(ends).toEqual(['source-error'])
  })

  it('may arrive after the head was sent', async () => {
    const { sink, ends } = openFake(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return ['late']
    })
    await turnEnd()
    expect(sink.text()).toBe(':\n')
    await vi.advanceTimersByTimeAsync(50)
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: late\n\n')
    expect(ends).toEqual(['completed'])
  })

  it('that is none and arrives after the head was sent is masked for the client', async () => {
    const { sink, errors, answered } = openFake((async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return { data: 'x' }
    }) as never)
    await answered
    await vi.advanceTimersByTimeAsync(50)
    await turnEnd()
    expect(sink.text()).toContain('event: error\ndata: {"error":"Internal server error"}\n\n')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_SOURCE' })])
  })

  it('that is none and arrives after the end is nobody’s error', async () => {
    let arrive: (value: unknown) => void = () => undefined
    const { sink, errors } = openFake((() => new Promise((resolve) => (arrive = resolve))) as never)
    await turnEnd()
    sink.leave()
    arrive({ data: 'no source' })
    await turnEnd()
    expect(errors).toEqual([])
  })

  it('yields no event to a client that left while it was waited for', async () => {
    let give: (result: unknown) => void = () => undefined
    const { source } = scripted({ next: [() => new Promise((resolve) => (give = resolve))] })
    const { sink, sse } = openFake(() => source)
    await turnEnd()
    sink.leave()
    give({ done: false, value: 'late' })
    await turnEnd()
    expect(sink.text()).toBe(':\n')
    expect(sse.stats()).toMatchObject({ events: 0, ended: { 'client-disconnect': 1 } })
  })

  it('yields no promised event to a client that left meanwhile', async () => {
    let give: (value: unknown) => void = () => undefined
    const promised = new Promise((resolve) => (give = resolve))
    const { source } = scripted({ next: [value(promised)] })
    const { sink, sse } = openFake(() => source)
    await turnEnd()
    sink.leave()
    give('late')
    await turnEnd()
    expect(sink.text()).toBe(':\n')
    expect(sse.stats().events).toBe(0)
  })

  it('yields no promised event to a stream that is ending', async () => {
    let give: (value: unknown) => void = () => undefined
    const promised = new Promise((resolve) => (give = resolve))
    const { source } = scripted({ next: [value(promised)] })
    let stream: EventStream | undefined
    const { sink, sse } = openFake((opened) => {
      stream = opened
      return source
    })
    await turnEnd()
    sink.isFrozen = true
    stream?.close('last')
    give('late')
    await turnEnd()
    sink.thaw()
    expect(sink.text()).toBe(':\ndata: last\n\n')
    expect(sse.stats()).toMatchObject({ active: 0, events: 1 })
  })

  it('is not asked again while its client does not read', async () => {
    const { calls, source } = scripted({
      next: [value('x'.repeat(20_000)), value('y')],
    })
    const { sink } = openFake(() => source)
    sink.isFrozen = true
    await turnEnd()
    await turnEnd()
    expect(calls).toEqual(['start', 'next'])
    sink.thaw()
    await turnEnd()
    expect(calls).toEqual(['start', 'next', 'next', 'next'])
  })
})

describe('a source that fails to stop', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('in return')
      },
    ],
  ])('because return() %s is reported, and the stream ends', async (_name, stop) => {
    const { source } = scripted({ return: stop })
    const { sink, ends, errors, sse } = openFake(() => source)
    await turnEnd()
    sink.leave()
    expect(ends).toEqual(['client-disconnect'])
    expect(errors).toEqual([new Error('in return')])
    expect(sse.stats().active).toBe(0)
  })

  it('because return is a getter that throws is reported, and the stream ends', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        get return(): never {
          throw new Error('in getter')
        },
      }),
    }
    const { sink, ends, errors, sse } = openFake(() => source)
    await turnEnd()
    sink.leave()
    expect(ends).toEqual(['client-disconnect'])
    expect(errors).toEqual([new Error('in getter')])
    expect(sse.stats().active).toBe(0)
  })

  it('because return() rejects is no error: it follows from the end', async () => {
    const { source } = scripted({ return: () => Promise.reject(new Error('aborted')) })
    const { sink, ends, errors } = openFake(() => source)
    await turnEnd()
    sink.leave()
    await turnEnd()
    expect(ends).toEqual(['client-disconnect'])
    expect(errors).toEqual([])
  })

  it('because return() never settles is reported as orphaned, once', async () => {
    const { source } = scripted({ return: () => new Promise(() => undefined) })
    const { sink, errors, sse } = openFake(() => source, { cleanupTimeoutMs: 100 })
    await turnEnd()
    sink.leave()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sse.stats().orphaned).toBe(1)
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'ERR_SSE_ORPHANED_SOURCE',
        message:
          'A source must clean up within `cleanupTimeoutMs` (100 ms) after its stream ended; this one has not. Pass `stream.signal` to whatever it waits for.',
      }),
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('because only its cleanup takes too long is orphaned although its run is over', async () => {
    let finish: () => void = () => undefined
    const { source } = scripted({
      next: [value('a'), () => new Promise((resolve) => (finish = () => resolve({ done: true })))],
      return: () => new Promise(() => undefined),
    })
    const { sink, sse } = openFake(() => source, { cleanupTimeoutMs: 100 })
    await turnEnd()
    sink.leave()
    finish()
    await vi.advanceTimersByTimeAsync(100)
    expect(sse.stats().orphaned).toBe(1)
  })

  it('because it comes late and does not stop is orphaned', async () => {
    const { source } = scripted({ return: () => new Promise(() => undefined) })
    let arrive: (value: typeof source) => void = () => undefined
    const { sink, sse } = openFake(
      () => new Promise<typeof source>((resolve) => (arrive = resolve)),
      {
        cleanupTimeoutMs: 100,
      },
    )
    await turnEnd()
    sink.leave()
    arrive(source)
    await vi.advanceTimersByTimeAsync(100)
    expect(sse.stats().orphaned).toBe(1)
  })

  it('after a Readable that fails while it is destroyed, ends quietly', async () => {
    const readable = new Readable({
      objectMode: true,
      read() {},
      destroy: (_error, callback) => callback(new Error('while destroyed')),
    })
    const { sink, ends, errors } = openFake(() => readable)
    await turnEnd()
    sink.leave()
    await turnEnd()
    expect(ends).toEqual(['client-disconnect'])
    expect(errors).toEqual([])
  })
})

describe('the completion event', () => {
  it('goes through the serializer', async () => {
    const { sink } = openFake(() => ['x'], {
      completion: { event: 'done', data: 1n },
      serialize: String,
    })
    await turnEnd()
    expect(sink.text()).toContain('event: done\ndata: 1\n\n')
  })

  it('that cannot be serialised is reported, and the stream completes without it', async () => {
    const { sink, errors, ends } = openFake(() => ['x'], { completion: { data: 1n } })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: x\n\n')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_DATA' })])
    expect(ends).toEqual(['completed'])
  })

  it('is not even made for a client that left', async () => {
    let finish: () => void = () => undefined
    const { sink, errors } = openFake(() => new Promise<void>((resolve) => (finish = resolve)), {
      completion: { data: 1n },
    })
    await turnEnd()
    sink.leave()
    finish()
    await turnEnd()
    expect(errors).toEqual([])
  })

  it('is not sent where the handler closed the stream', async () => {
    const { sink, ends } = openFake((stream) => stream.close(), { completion: 'done' })
    await turnEnd()
    expect(sink.text()).toBe(':\n')
    expect(ends).toEqual(['closed'])
  })

  it('is not sent where maxEvents was reached', async () => {
    const { sink } = openFake(() => ['a', 'b'], { completion: 'done', maxEvents: 1 })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\n')
  })
})

describe('formatError', () => {
  const MASKED = 'event: error\ndata: {"error":"Internal server error"}\n\n'

  it('that gives a promise is reported, the client gets the masked one, and no rejection is left', async () => {
    const formatError = (() => Promise.reject(new Error('too late'))) as never
    const { sink, errors } = openFake(failing, { formatError })
    await turnEnd()
    expect(sink.text()).toBe(`:\ndata: x\n\n${MASKED}`)
    expect(errors).toHaveLength(2)
  })

  async function* failing() {
    yield 'x'
    throw new Error('secret')
  }

  it('that gives what is no event is reported, and the client gets the masked one', async () => {
    const { sink, errors } = openFake(failing, { formatError: () => ({ id: 'a\nb' }) })
    await turnEnd()
    expect(sink.text()).toBe(`:\ndata: x\n\n${MASKED}`)
    expect(errors).toEqual([
      new Error('secret'),
      expect.objectContaining({ code: 'ERR_SSE_INVALID_FIELD' }),
    ])
  })

  it('goes through the serializer', async () => {
    const { sink } = openFake(failing, {
      formatError: () => ({ data: 1n }),
      serialize: (data) => `n${String(data)}`,
    })
    await turnEnd()
    expect(sink.text()).toContain('data: n1\n\n')
  })
})
