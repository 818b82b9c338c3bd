import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { createFakeSink, createFakeSse, turnEnd } from '../../test/fake-sink.ts'
import {
  assertSchemas,
  checkEvent,
  type EventSchemas,
  type StandardSchema,
} from './event-schema.ts'

function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'by-hand', validate } }
}

function invalidEvent(message: string) {
  return expect.objectContaining({ name: 'SseError', code: 'ERR_SSE_INVALID_EVENT', message })
}

const any = schemaOf((value) => ({ value }))

describe.each([
  [
    'zod',
    {
      token: z.object({ content: z.string() }),
      progress: z.object({ percent: z.number().default(0) }),
      size: z.string().transform((text) => text.length),
      message: z.string(),
    },
  ],
  [
    'valibot',
    {
      token: v.object({ content: v.string() }),
      progress: v.object({ percent: v.optional(v.number(), 0) }),
      size: v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
      message: v.string(),
    },
  ],
])('schemas of %s', (_name, schemas: EventSchemas) => {
  it('let through what matches, with its other fields', () => {
    expect(
      checkEvent({ event: 'token', id: '7', retry: 1, data: { content: 'hi' } }, schemas),
    ).toEqual({ event: 'token', id: '7', retry: 1, data: { content: 'hi' } })
  })

  it('send what the schema made of the data', () => {
    expect(checkEvent({ event: 'progress', data: {} }, schemas)).toEqual({
      event: 'progress',
      data: { percent: 0 },
    })
    expect(checkEvent({ event: 'size', data: 'four' }, schemas)).toEqual({
      event: 'size',
      data: 4,
    })
    expect(checkEvent({ event: 'token', data: { content: 'x', secret: 1 } }, schemas)).toEqual({
      event: 'token',
      data: { content: 'x' },
    })
  })

  it('refuse data that does not match, and say where', () => {
    expect(() => checkEvent({ event: 'token', data: { content: 5 } }, schemas)).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_EVENT',
        message: expect.stringMatching(
          /^`data` of `token` must match its schema: content: .+, got an object with content$/,
        ),
      }),
    )
  })

  it('refuse an event type that has no schema', () => {
    expect(() => checkEvent({ event: 'tokne', data: {} }, schemas)).toThrow(
      invalidEvent(
        '`event` must be one of token, progress, size, message, which have a schema, got "tokne"',
      ),
    )
  })

  it.each([
    ['hi', '"hi"'],
    [{ data: 'hi' }, 'an object with data'],
  ])('refuse an event that names no type where no message has a schema: %o', (event, shown) => {
    expect(() => checkEvent(event, { token: any, done: any })).toThrow(
      invalidEvent(
        `An event without \`event\` is a \`message\`, for which there is no schema; name one of: token, done, got ${shown}`,
      ),
    )
  })

  it('check a string, and an event that names no type, as a message', () => {
    expect(checkEvent('hi', schemas)).toEqual({ data: 'hi' })
    expect(checkEvent({ data: 'hi' }, schemas)).toEqual({ data: 'hi' })
    expect(checkEvent({ event: 'message', data: 'hi' }, schemas)).toEqual({
      event: 'message',
      data: 'hi',
    })
    expect(() => checkEvent({ data: 5 }, schemas)).toThrow('`data` of `message` must match')
  })
})

describe('checkEvent', () => {
  it('lets through what has no data and no type: a comment, a reconnection time, an id', () => {
    for (const event of [{ comment: 'x' }, { retry: 5 }, { id: '7' }, { comment: '', id: '' }]) {
      expect(checkEvent(event, {})).toBe(event)
    }
  })

  it('leaves what is no event to the encoder', () => {
    for (const event of [null, undefined, 5, true]) {
      expect(checkEvent(event as never, { message: any })).toBe(event)
    }
  })

  it('gives the schema the data that is missing', () => {
    const seen: unknown[] = []
    const done = schemaOf((value) => {
      seen.push(value)
      return { value: 'filled in' }
    })
    expect(checkEvent({ event: 'done' }, { done })).toEqual({ event: 'done', data: 'filled in' })
    expect(seen).toEqual([undefined])
  })

  it('knows no types that objects have by themselves', () => {
    expect(() => checkEvent({ event: 'constructor', data: 1 }, { a: any })).toThrow(
      '`event` must be one of a, which have a schema, got "constructor"',
    )
  })

  it('does not change the event that it was given', () => {
    const event = Object.freeze({ event: 'a', data: Object.freeze({ n: 1 }) })
    checkEvent(event, { a: schemaOf(() => ({ value: { n: 2 } })) })
    expect(event.data.n).toBe(1)
  })

  it.each([
    ['no path', [{ message: 'bad' }], 'bad'],
    ['an empty path', [{ message: 'bad', path: [] }], 'bad'],
    ['a path of keys', [{ message: 'bad', path: ['a', 0, 'b'] }], 'a.0.b: bad'],
    ['a path of segments', [{ message: 'bad', path: [{ key: 'a' }, { key: 1 }] }], 'a.1: bad'],
    ['a symbol', [{ message: 'bad', path: [Symbol('s')] }], 'Symbol(s): bad'],
    ['several issues', [{ message: 'one', path: ['a'] }, { message: 'two' }], 'a: one; two'],
  ])('tells of issues with %s', (_name, issues, text) => {
    expect(() => checkEvent({ event: 'a', data: 5 }, { a: schemaOf(() => ({ issues })) })).toThrow(
      invalidEvent(`\`data\` of \`a\` must match its schema: ${text}, got 5`),
    )
  })

  it('refuses an asynchronous schema', () => {
    const a = schemaOf((value) => Promise.resolve({ value }))
    expect(() => checkEvent({ event: 'a', data: 1 }, { a })).toThrow(
      invalidEvent(
        'The schema of `a` must validate synchronously, or events would overtake each other, got a promise',
      ),
    )
  })

  it('lets through what a schema throws', () => {
    const a = schemaOf(() => {
      throw new Error('broken schema')
    })
    expect(() => checkEvent({ event: 'a', data: 1 }, { a })).toThrow('broken schema')
  })
})

describe('assertSchemas', () => {
  it('takes objects and functions that follow the standard', () => {
    const callable = Object.assign(() => undefined, any)
    const schemas = { a: any, b: callable, c: z.string(), d: v.string() }
    expect(assertSchemas(schemas)).toBe(schemas)
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['string', '"string"'],
    [{}, '{}'],
    [{ '~standard': {} }, 'an object with ~standard'],
    [() => true, 'function (anonymous)'],
  ])('refuses %s as a schema', (schema, shown) => {
    expect(() => assertSchemas({ token: schema } as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_OPTION',
        message: `\`events.token\` must be a Standard Schema, such as those of zod, valibot and arktype, got ${shown}`,
      }),
    )
  })

  it.each([
    [null, 'null'],
    [5, '5'],
    ['x', '"x"'],
  ])('refuses %j as schemas', (schemas, shown) => {
    expect(() => createFakeSse().handler(() => [], { events: schemas as never })).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_OPTION',
        message: `\`events\` must be an object with a schema for each event type, got ${shown}`,
      }),
    )
  })
})

describe('a stream with schemas', () => {
  const unhandled = vi.fn()
  beforeEach(() => void process.on('unhandledRejection', unhandled))
  afterEach(() => {
    process.off('unhandledRejection', unhandled)
    unhandled.mockReset()
  })

  const events = { token: z.object({ content: z.string().trim() }), message: z.string() }

  function open(handler: (stream: never) => unknown, schemas: EventSchemas = events) {
    const errors: unknown[] = []
    const ends: string[] = []
    const sse = createFakeSse({
      onError: (error) => void errors.push(error),
      onEnd: (reason) => void ends.push(reason),
    })
    const sink = createFakeSink()
    const answered = sse.handler(handler as never, { events: schemas })({ sink })
    return { sink, errors, ends, answered }
  }

  it('sends what the schemas made of pulled events', async () => {
    const { sink } = open(() => [{ event: 'token', data: { content: ' hi ' } }, 'plain'])
    await turnEnd()
    expect(sink.text()).toBe(':\nevent: token\ndata: {"content":"hi"}\n\ndata: plain\n\n')
  })

  it('ends with source-error at a pulled event that does not match', async () => {
    const { sink, errors, ends } = open(() => ['fine', { event: 'token', data: {} }, 'never'])
    await turnEnd()
    expect(sink.text()).not.toContain('never')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_EVENT' })])
    expect(ends).toEqual(['source-error'])
  })

  it('rejects a send that does not match, and goes on', async () => {
    const codes: unknown[] = []
    const { sink, ends } = open(async (stream: { send(event: unknown): Promise<void> }) => {
      await stream.send({ event: 'other', data: 1 }).catch((error) => codes.push(error.code))
      await stream.send('fine')
    })
    await turnEnd()
    expect(codes).toEqual(['ERR_SSE_INVALID_EVENT'])
    expect(sink.text()).toBe(':\ndata: fine\n\n')
    expect(ends).toEqual(['completed'])
  })

  it.each([null, undefined, 5])('refuses to send %s, with a code', async (event) => {
    const { answered } = open(() => [event])
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_EVENT' })
  })

  it('leaves no rejection unhandled when an asynchronous schema fails later', async () => {
    const a = schemaOf(() => Promise.reject(new Error('late')))
    const { answered } = open(() => [{ event: 'a', data: 1 }], { a })
    await expect(answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_EVENT' })
    await turnEnd()
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('does not check the completion event, the error event or comments', async () => {
    const sse = createFakeSse({ onError: () => undefined })
    const [done, failed] = [createFakeSink(), createFakeSink()]
    const route = { events, completion: { event: 'done', data: 1 } }
    void sse.handler((stream) => stream.comment('note'), route)({ sink: done })
    async function* fails() {
      yield 'x'
      throw new Error('boom')
    }
    void sse.handler(fails as never, route)({ sink: failed })
    await turnEnd()
    expect(done.text()).toBe(':\n: note\nevent: done\ndata: 1\n\n')
    expect(failed.text()).toContain('event: error\n')
  })
})
