import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type ParsedStream, PIECE_SIZES, parseStream } from '../../test/parse-stream.ts'
import { SseError } from '../errors.ts'
import { encodeComment, encodeEvent } from './encode-event.ts'
import type { ServerSentEvent } from './server-sent-event.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

// What has broken encoders and parsers before, far more often than chance would have it.
const trap = fc.constantFrom(
  ...['\n', '\r', '\r\n', '\n\n', '\0', ' ', '\t', ':', ': ', '\uFEFF', '\xEF\xBB\xBF'],
  ...['data: ', 'event: ', 'id: ', 'retry: ', 'data', '\u2028', '\u2029', '\x85', '\v', '\f'],
  ...['é', '€', '😀', '[DONE]', '{"a":"b"}', '\\n', '\x1c', '\x1d', '\x1e'],
)
const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
const text = fc.string({ unit: fc.oneof(trap, character), maxLength: 12 })
const loneSurrogate = fc
  .integer({ min: 0xd800, max: 0xdfff })
  .map((unit) => String.fromCharCode(unit))
const illFormedText = fc.string({ unit: fc.oneof(trap, character, loneSurrogate), maxLength: 12 })

const singleLine = text.map((value) => value.replace(/[\r\n]/g, ''))
const eventType = singleLine.filter((value) => value !== '')
const eventId = singleLine.map((value) => value.replaceAll('\0', ''))
const retry = fc.integer({ min: 0, max: 2_147_483_647 })

type TextEvent = ServerSentEvent & { data?: string; id?: string }

const representable = fc
  .record({ event: eventType, id: eventId, retry, data: text, comment: text }, { requiredKeys: [] })
  .filter((event) => Object.keys(event).length > 0)

describe('parse(encode(e)) is e', () => {
  it('for every event that a parser can represent, however it is cut', () => {
    fc.assert(
      fc.property(representable, (event) => {
        for (const size of PIECE_SIZES) {
          expect(parseStream(encodeEvent(event), size)).toEqual(meaningOf([event]))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('for every sequence of events, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(representable, { maxLength: 6 }), (events) => {
        const stream = events.map((event) => encodeEvent(event)).join('')
        for (const size of PIECE_SIZES) expect(parseStream(stream, size)).toEqual(meaningOf(events))
      }),
      { numRuns: 500 },
    )
  })

  it('for a string as an event', () => {
    fc.assert(
      fc.property(text, (data) => {
        expect(parseStream(encodeEvent(data), 1)).toEqual(meaningOf([{ data }]))
      }),
    )
  })

  it('for every value that JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const [event] = parseStream(encodeEvent({ data }), 2).events
        const received = typeof data === 'string' ? event?.data : JSON.parse(event?.data ?? '')
        // A string goes out verbatim, with its line ends normalised; JSON has no -0.
        expect(received).toEqual(
          typeof data === 'string' ? withLf(data) : JSON.parse(JSON.stringify(data)),
        )
      }),
    )
  })

  it('for whatever a serializer returns', () => {
    fc.assert(
      fc.property(text, (serialised) => {
        const stream = encodeEvent({ data: {} }, () => serialised)
        expect(parseStream(stream, 1)).toEqual(meaningOf([{ data: serialised }]))
      }),
    )
  })

  it('with U+FFFD for lone surrogates, which UTF-8 cannot hold', () => {
    fc.assert(
      fc.property(illFormedText, (data) => {
        const expected = meaningOf([{ data: wellFormed(data) }])
        for (const size of PIECE_SIZES)
          expect(parseStream(encodeEvent(data), size)).toEqual(expected)
      }),
    )
  })

  it('with a heartbeat between any two events', () => {
    fc.assert(
      fc.property(fc.array(representable, { minLength: 2, maxLength: 4 }), (events) => {
        const stream = events.map((event) => encodeEvent(event)).join(encodeComment(''))
        const { comments: _, ...rest } = meaningOf(events)
        expect(parseStream(stream, 1)).toMatchObject(rest)
      }),
    )
  })
})

describe('the encoding', () => {
  it('is the same for what a parser made of it', () => {
    fc.assert(
      fc.property(fc.array(representable, { maxLength: 6 }), (events) => {
        const once = meaningOf(events)
          .events.map((event) => encodeEvent(event))
          .join('')
        const twice = parseStream(once)
          .events.map((event) => encodeEvent(event))
          .join('')
        expect(twice).toBe(once)
      }),
    )
  })

  it('adds seven characters for each line of data, and two for the block', () => {
    fc.assert(
      fc.property(text, (data) => {
        const count = lines(data).length
        const characters = lines(data).join('').length
        expect(encodeEvent(data)).toHaveLength(characters + count * 'data: \n'.length + '\n'.length)
      }),
    )
  })

  it('of an event has exactly one blank line, at its end', () => {
    fc.assert(
      fc.property(representable, (event) => {
        const isBlock =
          event.event !== undefined || event.id !== undefined || event.data !== undefined
        const block = encodeEvent(event)
        expect(block.indexOf('\n\n')).toBe(isBlock ? block.length - 2 : -1)
        expect(block).not.toMatch(/\r|^\n/)
      }),
    )
  })
})

describe('a stream that is cut anywhere', () => {
  it('dispatches nothing but whole events', () => {
    fc.assert(
      fc.property(fc.array(representable, { maxLength: 4 }), fc.nat(), (events, position) => {
        const stream = events.map((event) => encodeEvent(event)).join('')
        const cut = parseStream(stream.slice(0, position % (stream.length + 1)))
        expect(cut.events).toEqual(meaningOf(events).events.slice(0, cut.events.length))
      }),
    )
  })

  it('has no id line of an event whose data is not complete', () => {
    fc.assert(
      fc.property(eventId, text, fc.nat(), (id, data, position) => {
        const block = encodeEvent({ id, data })
        const cut = block.slice(0, position % block.length)
        const hasId = cut.split('\n').some((line) => line.startsWith('id: '))
        if (hasId) expect(parseStream(`${cut}\n\n`).events[0]?.data).toBe(withLf(data))
      }),
    )
  })
})

describe('nothing can be injected', () => {
  const hostile = fc.record(
    {
      event: illFormedText,
      id: fc.oneof(illFormedText, fc.string({ minLength: 1_000, maxLength: 1_050 })),
      retry: fc.oneof(retry, fc.double(), fc.integer()),
      data: illFormedText,
      comment: illFormedText,
    },
    { requiredKeys: ['data'] },
  )

  it('with any text in any field: it is refused, or means what was given', () => {
    fc.assert(
      fc.property(hostile, (event) => {
        let block: string
        try {
          block = encodeEvent(event)
        } catch (error) {
          expect(error).toBeInstanceOf(SseError)
          expect(error).toMatchObject({ code: 'ERR_SSE_INVALID_FIELD' })
          expect(isRepresentable(event)).toBe(false)
          return
        }
        expect(isRepresentable(event)).toBe(true)
        const sent = {
          ...event,
          ...(event.event !== undefined && { event: wellFormed(event.event) }),
          ...(event.id !== undefined && { id: wellFormed(event.id) }),
          ...(event.comment !== undefined && { comment: wellFormed(event.comment) }),
          data: wellFormed(event.data),
        }
        for (const size of PIECE_SIZES) expect(parseStream(block, size)).toEqual(meaningOf([sent]))
      }),
      { numRuns: 1_000 },
    )
  })

  it('with any value in any field: it is refused with an SseError, or gives one event at most', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    })
    const event = fc.record(
      { event: anything, id: anything, retry: anything, data: anything, comment: anything },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(event, anything), (value) => {
        let block: string
        try {
          block = encodeEvent(value as ServerSentEvent)
        } catch (error) {
          expect(error).toBeInstanceOf(SseError)
          return
        }
        const { events, errors } = parseStream(block)
        expect(events.length).toBeLessThanOrEqual(1)
        expect(errors).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  it('with any text in a comment', () => {
    fc.assert(
      fc.property(illFormedText, (comment) => {
        const stream = encodeComment(comment)
        expect(parseStream(stream, 1)).toEqual(meaningOf([{ comment: wellFormed(comment) }]))
      }),
    )
  })
})

/** What the specification says that a client makes of these events. */
function meaningOf(events: readonly TextEvent[]): ParsedStream {
  const dispatched = events.filter(({ event, data }) => event !== undefined || data !== undefined)
  return {
    events: dispatched.map(({ event, id, data = '' }) => ({
      id,
      // An empty type is the same as none.
      event: event === '' ? undefined : event,
      data: withLf(data),
    })),
    comments: events.flatMap(({ comment }) => (comment === undefined ? [] : lines(comment))),
    // -0 means 0, and is written so.
    retries: events.flatMap(({ retry }) => (retry === undefined ? [] : retry + 0)),
    ids: events.flatMap(({ id }) => id ?? []),
    errors: [],
  }
}

function isRepresentable({ event, id, retry, data, comment }: TextEvent): boolean {
  return (
    [event, id, retry, data, comment].some((value) => value !== undefined) &&
    !/[\r\n]/.test(event ?? '') &&
    !/[\r\n\0]/.test(id ?? '') &&
    Buffer.byteLength(id ?? '') <= 1_024 &&
    (retry === undefined || (Number.isInteger(retry) && retry >= 0 && retry <= 2_147_483_647))
  )
}

function withLf(value: string): string {
  return lines(value).join('\n')
}

/** The lines of a text, found in another way than the encoder does. */
function lines(value: string): string[] {
  return value.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')
}

function wellFormed(value: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(value))
}
