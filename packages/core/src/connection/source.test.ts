import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { turnEnd } from '../../test/fake-sink.ts'
import { isThenable } from '../thenable.ts'
import { discardSource, type Pull, startSource } from './source.ts'

const fatal = vi.fn()
beforeEach(() => {
  process.on('unhandledRejection', fatal)
  process.on('uncaughtException', fatal)
})
afterEach(() => {
  process.off('unhandledRejection', fatal)
  process.off('uncaughtException', fatal)
  expect(fatal).not.toHaveBeenCalled()
  fatal.mockReset()
})

async function pullAll(pull: Pull): Promise<unknown[]> {
  const values: unknown[] = []
  for (;;) {
    const result = await pull.next()
    if (result.done) return values
    values.push(result.value)
  }
}

function webStream(...values: unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start: (controller) => {
      for (const value of values) controller.enqueue(value)
      controller.close()
    },
  })
}

async function* asyncGenerator(log: string[] = []): AsyncGenerator<number> {
  try {
    yield 1
    yield 2
  } finally {
    log.push('finally')
  }
}

function* generator(log: string[] = []): Generator<number> {
  try {
    yield 1
    yield 2
  } finally {
    log.push('finally')
  }
}

describe('startSource', () => {
  it.each<[string, () => unknown]>([
    ['an async generator', () => asyncGenerator()],
    ['a generator', () => generator()],
    ['an array', () => [1, 2]],
    ['a set', () => new Set([1, 2])],
    ['an iterator of an array', () => [1, 2].values()],
    ['a ReadableStream', () => webStream(1, 2)],
    ['a Node Readable', () => Readable.from([1, 2])],
    ['a PassThrough', () => passThrough(1, 2)],
    [
      'an async iterable whose iterator has only next',
      () => {
        let count = 0
        const next = async () => ({ done: count === 2, value: (count += 1) })
        return { [Symbol.asyncIterator]: () => ({ next }) }
      },
    ],
    [
      'an iterable whose iterator has only next',
      () => {
        let count = 0
        return {
          [Symbol.iterator]: () => ({ next: () => ({ done: count === 2, value: ++count }) }),
        }
      },
    ],
  ])('pulls %s to its end', async (_name, make) => {
    expect(await pullAll(startSource(make()))).toEqual([1, 2])
  })

  it('prefers the asynchronous iterator where there are both', async () => {
    const both = {
      [Symbol.iterator]: () => [0].values(),
      [Symbol.asyncIterator]: () => asyncGenerator(),
    }
    expect(await pullAll(startSource(both))).toEqual([1, 2])
  })

  it.each([
    ['undefined', undefined, 'got undefined.'],
    ['null', null, 'got null.'],
    ['a number', 42, 'got 42.'],
    ['a boolean', true, 'got true.'],
    ['a symbol', Symbol('s'), 'got Symbol(s).'],
    ['a string', 'text', 'got "text". To send one event, return an array: `[text]`.'],
    ['bytes', new Uint8Array(3), 'got an instance of Uint8Array.'],
    ['a Buffer', Buffer.from('x'), 'got an instance of Buffer.'],
    [
      'an event',
      { event: 'token', data: 'x' },
      'got an object with event, data. To send one event, return an array: `[event]`.',
    ],
    [
      'a generator function',
      generator,
      'got function generator. Call it, and return what it returns.',
    ],
    [
      'a Response',
      new Response('x'),
      'got an instance of Response. To answer with an ordinary response, decide in an ordinary handler and call `sse.respond()` only for the stream.',
    ],
  ])('refuses %s, and says what to return', (_name, value, ending) => {
    expect(() => startSource(value)).toThrow(
      expect.objectContaining({
        name: 'SseError',
        code: 'ERR_SSE_INVALID_SOURCE',
        message: `A handler must return an async iterable, an iterable, a ReadableStream, a Node Readable, or nothing after it sent its events with \`stream.send()\`, ${ending}`,
      }),
    )
  })

  it('refuses a ReadableStream that something else reads', () => {
    const stream = webStream(1)
    stream.getReader()
    expect(() => startSource(stream)).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_SOURCE',
        message:
          'A ReadableStream must not be locked: something else already reads it, got an instance of ReadableStream.',
      }),
    )
  })

  it('gives the error of a ReadableStream that failed', async () => {
    const failed = new ReadableStream({ start: (controller) => controller.error(new Error('no')) })
    const pull = startSource(failed)
    await expect(pull.next()).rejects.toThrow('no')
    await expect(pull.stop()).rejects.toThrow('no')
  })

  it('gives the error of a Readable that failed', async () => {
    const readable = new Readable({ read() {}, objectMode: true })
    const pull = startSource(readable)
    readable.destroy(new Error('broken'))
    await expect(pull.next()).rejects.toThrow('broken')
  })

  it('gives an error for a Readable that was destroyed before', async () => {
    const readable = Readable.from([1])
    readable.destroy()
    await expect(startSource(readable).next()).rejects.toMatchObject({
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    })
  })
})

describe('stop', () => {
  it('returns what return() of the iterator gives', async () => {
    const log: string[] = []
    const pull = startSource(asyncGenerator(log))
    await pull.next()
    expect(await pull.stop()).toEqual({ done: true, value: undefined })
    expect(log).toEqual(['finally'])
  })

  it('runs the finally of a sync generator at once', () => {
    const log: string[] = []
    const pull = startSource(generator(log))
    void pull.next()
    void pull.stop()
    expect(log).toEqual(['finally'])
  })

  it('does nothing where the iterator has no return()', () => {
    const next = () => ({ done: false as const, value: 1 })
    expect(startSource({ [Symbol.iterator]: () => ({ next }) }).stop()).toBeUndefined()
  })

  it('calls return() as a method of the iterator', () => {
    const iterator = {
      next: () => ({ done: false as const, value: 1 }),
      return() {
        expect(this).toBe(iterator)
        return { done: true as const, value: undefined }
      },
    }
    startSource({ [Symbol.iterator]: () => iterator }).stop()
    expect.assertions(1)
  })

  it('cancels a ReadableStream, also while a read is pending', async () => {
    const cancelled: string[] = []
    const pull = startSource(new ReadableStream({ cancel: () => void cancelled.push('cancel') }))
    const pending = pull.next()
    await pull.stop()
    expect(cancelled).toEqual(['cancel'])
    expect(await pending).toEqual({ done: true, value: undefined })
  })

  it('destroys a Readable, also while it is waited for', async () => {
    const readable = new Readable({ read() {}, objectMode: true })
    const pull = startSource(readable)
    const pending = Promise.resolve(pull.next())
    pull.stop()
    expect(readable.destroyed).toBe(true)
    await expect(pending).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('destroys no object that only has a method of that name', async () => {
    const destroy = vi.fn()
    const pull = startSource(Object.assign(asyncGenerator(), { destroy }))
    await pull.stop()
    expect(destroy).not.toHaveBeenCalled()
  })
})

describe('discardSource', () => {
  it('cancels a ReadableStream and destroys a Readable', () => {
    const cancelled: string[] = []
    discardSource(new ReadableStream({ cancel: () => void cancelled.push('cancel') }))
    expect(cancelled).toEqual(['cancel'])
    const readable = Readable.from([1])
    discardSource(readable)
    expect(readable.destroyed).toBe(true)
  })

  it('survives a file that cannot be opened', async () => {
    const file = createReadStream('/nowhere/at/all')
    const closed = new Promise<void>((resolve) => file.once('close', () => resolve()))
    discardSource(file)
    await closed
  })

  it('survives whatever a source does', async () => {
    const broken = new ReadableStream({
      cancel: () => {
        throw new Error('no')
      },
    })
    discardSource(broken)
    discardSource({
      [Symbol.asyncIterator]: () => ({ return: () => Promise.reject(new Error('no')) }),
    })
    discardSource({
      [Symbol.asyncIterator]: () => {
        throw new Error('no')
      },
    })
    await turnEnd()
  })

  it('takes what is no source at all', () => {
    for (const value of [undefined, null, 5, 'text', {}, new Response('x')]) discardSource(value)
  })
})

describe('isThenable', () => {
  it.each([
    ['a promise', Promise.resolve(), true],
    ['an object with then', Object.create(Promise.prototype), true],
    ['an object whose then is no function', JSON.parse('{"then":1}'), false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['a string', 'then', false],
  ])('sees %s', (_name, value, expected) => {
    expect(isThenable(value)).toBe(expected)
  })
})

function passThrough(...values: number[]): Readable {
  const stream = new PassThrough({ objectMode: true })
  for (const value of values) stream.write(value)
  stream.end()
  return stream
}
