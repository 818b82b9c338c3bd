import { describe, expect, it } from 'vitest'
import { encodeComment, encodeEvent, encodeRetry } from './encode-event.ts'

function sseError(code: string, message?: string) {
  return expect.objectContaining(
    message === undefined ? { name: 'SseError', code } : { name: 'SseError', code, message },
  )
}

describe('encodeEvent', () => {
  it('writes a data field and the blank line that dispatches it', () => {
    expect(encodeEvent({ data: 'hello' })).toBe('data: hello\n\n')
  })

  it('takes a string as the data of an event without a type', () => {
    expect(encodeEvent('hello')).toBe('data: hello\n\n')
  })

  it('writes comment, retry, event, data and id in this order', () => {
    expect(encodeEvent({ id: '7', data: 'x', event: 'tick', retry: 5, comment: 'note' })).toBe(
      ': note\nretry: 5\nevent: tick\ndata: x\nid: 7\n\n',
    )
  })

  it('writes the id after all lines of data, so that a cut event is not skipped', () => {
    expect(encodeEvent({ id: '7', data: 'a\nb' })).toBe('data: a\ndata: b\nid: 7\n\n')
  })

  it('ignores properties that are undefined', () => {
    expect(
      encodeEvent({
        event: undefined,
        id: undefined,
        retry: undefined,
        comment: undefined,
        data: 'x',
      }),
    ).toBe('data: x\n\n')
  })

  describe('data', () => {
    it('goes out with a space that clients remove, so that leading spaces survive', () => {
      expect(encodeEvent({ data: '  two spaces' })).toBe('data:   two spaces\n\n')
    })

    it('keeps leading tabs and trailing spaces', () => {
      expect(encodeEvent({ data: '\ttab ' })).toBe('data: \ttab \n\n')
    })

    it('may be empty', () => {
      expect(encodeEvent({ data: '' })).toBe('data: \n\n')
    })

    it('may be an empty string yielded as such', () => {
      expect(encodeEvent('')).toBe('data: \n\n')
    })

    it('becomes one field for each line that ends in LF', () => {
      expect(encodeEvent({ data: 'a\nb' })).toBe('data: a\ndata: b\n\n')
    })

    it('becomes one field for each line that ends in CR', () => {
      expect(encodeEvent({ data: 'a\rb' })).toBe('data: a\ndata: b\n\n')
    })

    it('becomes one field for each line that ends in CRLF', () => {
      expect(encodeEvent({ data: 'a\r\nb' })).toBe('data: a\ndata: b\n\n')
    })

    it('counts LF CR as two line ends', () => {
      expect(encodeEvent({ data: 'a\n\rb' })).toBe('data: a\ndata: \ndata: b\n\n')
    })

    it('keeps a trailing LF', () => {
      expect(encodeEvent({ data: 'a\n' })).toBe('data: a\ndata: \n\n')
    })

    it('keeps a trailing CR', () => {
      expect(encodeEvent({ data: 'a\r' })).toBe('data: a\ndata: \n\n')
    })

    it('keeps a trailing CRLF as one line end', () => {
      expect(encodeEvent({ data: 'a\r\n' })).toBe('data: a\ndata: \n\n')
    })

    it('keeps a leading line end', () => {
      expect(encodeEvent({ data: '\na' })).toBe('data: \ndata: a\n\n')
    })

    it('keeps consecutive line ends', () => {
      expect(encodeEvent({ data: 'a\n\n\nb' })).toBe('data: a\ndata: \ndata: \ndata: b\n\n')
    })

    it('mixes all line ends', () => {
      expect(encodeEvent({ data: '1\n2\r3\r\n4' })).toBe('data: 1\ndata: 2\ndata: 3\ndata: 4\n\n')
    })

    it('that is only a line end has two empty lines', () => {
      expect(encodeEvent({ data: '\n' })).toBe('data: \ndata: \n\n')
    })

    it('that looks like fields stays data', () => {
      expect(encodeEvent({ data: 'x\n\nevent: admin\nid: 1\nretry: 0\n: y' })).toBe(
        'data: x\ndata: \ndata: event: admin\ndata: id: 1\ndata: retry: 0\ndata: : y\n\n',
      )
    })

    it('keeps other characters that some languages call line ends', () => {
      expect(encodeEvent({ data: 'a\u2028b\u2029c\u0085d\ve\ff' })).toBe(
        'data: a\u2028b\u2029c\u0085d\ve\ff\n\n',
      )
    })

    it('keeps U+0000 and a byte order mark', () => {
      expect(encodeEvent({ data: '\uFEFFa\0b' })).toBe('data: \uFEFFa\0b\n\n')
    })

    it('that is an object goes out as JSON', () => {
      expect(encodeEvent({ data: { content: 'hi\n', n: [1, null] } })).toBe(
        'data: {"content":"hi\\n","n":[1,null]}\n\n',
      )
    })

    it('that is null goes out as JSON', () => {
      expect(encodeEvent({ data: null })).toBe('data: null\n\n')
    })

    it('that is 0 or false goes out as JSON', () => {
      expect(encodeEvent({ data: 0 })).toBe('data: 0\n\n')
      expect(encodeEvent({ data: false })).toBe('data: false\n\n')
    })

    it('that is a date goes out as a JSON string', () => {
      expect(encodeEvent({ data: new Date(0) })).toBe('data: "1970-01-01T00:00:00.000Z"\n\n')
    })

    it('goes through the serializer that was given', () => {
      expect(encodeEvent({ data: 10n }, (data) => `<${String(data)}>`)).toBe('data: <10>\n\n')
    })

    it('from a serializer is split into lines', () => {
      expect(encodeEvent({ data: { a: 1 } }, (data) => JSON.stringify(data, null, 1))).toBe(
        'data: {\ndata:  "a": 1\ndata: }\n\n',
      )
    })

    it('from a serializer may be empty', () => {
      expect(encodeEvent({ data: 1 }, () => '')).toBe('data: \n\n')
    })

    it('that is a string does not go through the serializer', () => {
      expect(encodeEvent({ data: 'plain' }, () => 'never')).toBe('data: plain\n\n')
      expect(encodeEvent('plain', () => 'never')).toBe('data: plain\n\n')
    })

    it('is refused when it is a Buffer', () => {
      expect(() => encodeEvent({ data: Buffer.from('x') })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` must be text, because event streams are UTF-8; encode it, for example as base64, got an instance of Buffer',
        ),
      )
    })

    it('is refused when it is an ArrayBuffer', () => {
      expect(() => encodeEvent({ data: new ArrayBuffer(1) })).toThrow(
        sseError('ERR_SSE_INVALID_DATA'),
      )
    })

    it('is refused when it is a SharedArrayBuffer', () => {
      expect(() => encodeEvent({ data: new SharedArrayBuffer(1) })).toThrow(
        sseError('ERR_SSE_INVALID_DATA'),
      )
    })

    it('is refused when it is a DataView', () => {
      expect(() => encodeEvent({ data: new DataView(new ArrayBuffer(1)) })).toThrow(
        sseError('ERR_SSE_INVALID_DATA'),
      )
    })

    it('is refused when it is a Blob', () => {
      expect(() => encodeEvent({ data: new Blob(['x']) })).toThrow(sseError('ERR_SSE_INVALID_DATA'))
    })

    it('is refused when it is a File', () => {
      expect(() => encodeEvent({ data: new File(['x'], 'x.txt') })).toThrow(
        sseError('ERR_SSE_INVALID_DATA'),
      )
    })

    it('is refused when it is binary, whatever the serializer', () => {
      expect(() => encodeEvent({ data: new Uint8Array(1) }, () => 'text')).toThrow(
        sseError('ERR_SSE_INVALID_DATA'),
      )
    })

    it('is refused when it is a promise', () => {
      expect(() => encodeEvent({ data: Promise.resolve('x') })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` must not be a promise; await it first, got an instance of Promise',
        ),
      )
    })

    it('is refused when JSON cannot hold it, and the error tells why', () => {
      expect(() => encodeEvent({ data: { n: 10n } })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` cannot be serialised (Do not know how to serialize a BigInt), got an object with n. Convert it, or give a `serialize` that can.',
        ),
      )
    })

    it('is refused when it has a cycle', () => {
      const node: { self?: unknown } = {}
      node.self = node
      expect(() => encodeEvent({ data: node })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` cannot be serialised (Converting circular structure to JSON), got an object with self. Convert it, or give a `serialize` that can.',
        ),
      )
    })

    it('is refused with the error of the serializer as the cause', () => {
      const cause = new Error('no')
      const serialize = () => {
        throw cause
      }
      expect(() => encodeEvent({ data: 1 }, serialize)).toThrow(expect.objectContaining({ cause }))
    })

    it('is refused when the serializer throws something that is no error', () => {
      const serialize = () => {
        throw Object.create(null)
      }
      expect(() => encodeEvent({ data: 1 }, serialize)).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` cannot be serialised ({}), got 1. Convert it, or give a `serialize` that can.',
        ),
      )
    })

    it('is refused when it is a function', () => {
      expect(() => encodeEvent({ data: () => 1 })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` is a function, which JSON cannot hold, got function data',
        ),
      )
    })

    it('is refused when it is a symbol', () => {
      expect(() => encodeEvent({ data: Symbol('x') })).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` is a symbol, which JSON cannot hold, got Symbol(x)',
        ),
      )
    })

    it('is refused when the serializer returns no string', () => {
      expect(() => encodeEvent({ data: {} }, () => 5 as never)).toThrow(
        sseError(
          'ERR_SSE_INVALID_DATA',
          '`data` must serialise to a string, but the serialiser returned 5, got {}',
        ),
      )
    })
  })

  describe('event', () => {
    it('is its own, whatever is encoded while its data is', () => {
      const data = { toJSON: () => encodeEvent({ event: 'inner', data: '' }).length }
      expect(encodeEvent({ event: 'outer', data })).toBe('event: outer\ndata: 21\n\n')
    })

    it('that is refused is refused each time', () => {
      for (let time = 0; time < 2; time += 1) {
        expect(() => encodeEvent({ event: 'a\nb', data: '' })).toThrow('`event` must not contain')
      }
      expect(encodeEvent({ event: 'good', data: '' })).toBe('event: good\ndata: \n\n')
    })

    it('names the type of the event', () => {
      expect(encodeEvent({ event: 'tick', data: 'x' })).toBe('event: tick\ndata: x\n\n')
    })

    it('without data gets an empty data field, or clients would drop it', () => {
      expect(encodeEvent({ event: 'done' })).toBe('event: done\ndata: \n\n')
    })

    it('without data keeps its id', () => {
      expect(encodeEvent({ event: 'done', id: '9' })).toBe('event: done\ndata: \nid: 9\n\n')
    })

    it('keeps leading spaces, colons and U+0000', () => {
      expect(encodeEvent({ event: ' a:b\0', data: '' })).toBe('event:  a:b\0\ndata: \n\n')
    })

    it('with LF is refused', () => {
      expect(() => encodeEvent({ event: 'a\ndata: b', data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`event` must not contain CR or LF, which would start another field, got "a\\ndata: b"',
        ),
      )
    })

    it('with CR is refused', () => {
      expect(() => encodeEvent({ event: 'a\rdata: b', data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD'),
      )
    })

    it('with a line end at its end is refused', () => {
      expect(() => encodeEvent({ event: 'a\n', data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD'),
      )
    })

    it('of any length with a line end is refused', () => {
      for (const length of [1, 23, 24, 25, 400]) {
        const event = `${'a'.repeat(length - 1)}\n`
        expect(() => encodeEvent({ event, data: 'x' })).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
      }
    })

    it('is refused after one that passed, and passes after one that was refused', () => {
      for (let time = 0; time < 2; time += 1) {
        expect(encodeEvent({ event: 'tick', data: 'x' })).toBe('event: tick\ndata: x\n\n')
        expect(() => encodeEvent({ event: 'tick\n', data: 'x' })).toThrow(
          sseError('ERR_SSE_INVALID_FIELD'),
        )
      }
    })

    it('that is no string is refused', () => {
      expect(() => encodeEvent({ event: 5 as never, data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD', '`event` must be a string, got 5'),
      )
    })

    it('that is null is refused', () => {
      expect(() => encodeEvent({ event: null as never, data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`event` must be a string, got null. Leave it out instead.',
        ),
      )
    })

    it('that only turns into a string is refused', () => {
      const tricky = { toString: () => 'a\ndata: b' }
      expect(() => encodeEvent({ event: tricky as never, data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD'),
      )
    })
  })

  describe('id', () => {
    it('may be empty, which resets the last event ID', () => {
      expect(encodeEvent({ id: '', data: 'x' })).toBe('data: x\nid: \n\n')
    })

    it('may be "0"', () => {
      expect(encodeEvent({ id: '0', data: 'x' })).toBe('data: x\nid: 0\n\n')
    })

    it('may be the number 0', () => {
      expect(encodeEvent({ id: 0, data: 'x' })).toBe('data: x\nid: 0\n\n')
    })

    it('that is a number is written in decimal', () => {
      expect(encodeEvent({ id: 9_007_199_254_740_991, data: 'x' })).toBe(
        'data: x\nid: 9007199254740991\n\n',
      )
    })

    it('on its own is set without dispatching an event', () => {
      expect(encodeEvent({ id: '7' })).toBe('id: 7\n\n')
    })

    it('on its own may be empty', () => {
      expect(encodeEvent({ id: '' })).toBe('id: \n\n')
    })

    it('with LF is refused', () => {
      expect(() => encodeEvent({ id: '1\ndata: b', data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`id` must not contain CR or LF, which would start another field, got "1\\ndata: b". Encode it, for example with `encodeURIComponent`.',
        ),
      )
    })

    it('with CR is refused', () => {
      expect(() => encodeEvent({ id: '1\r', data: 'x' })).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
    })

    it('with U+0000 is refused', () => {
      expect(() => encodeEvent({ id: 'a\0', data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`id` must not contain U+0000, because clients ignore such an id, got "a\\u0000"',
        ),
      )
    })

    it('of any length with a bad character is refused', () => {
      for (const length of [1, 23, 24, 25, 341, 342]) {
        for (const bad of ['\0', '\n', '\r']) {
          const id = `${'a'.repeat(length - 1)}${bad}`
          expect(() => encodeEvent({ id, data: 'x' })).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
        }
      }
    })

    it('may have other control characters', () => {
      expect(encodeEvent({ id: 'a\tb', data: 'x' })).toBe('data: x\nid: a\tb\n\n')
    })

    it('of 1024 bytes passes', () => {
      const id = 'a'.repeat(1_024)
      expect(encodeEvent({ id, data: '' })).toBe(`data: \nid: ${id}\n\n`)
    })

    it('of 1025 bytes is refused', () => {
      expect(() => encodeEvent({ id: 'a'.repeat(1_025), data: '' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          `\`id\` must be at most 1024 bytes of UTF-8, because clients send it back in a header, got "${'a'.repeat(79)}…`,
        ),
      )
    })

    it('is measured in bytes of UTF-8, not in characters', () => {
      const id = '€'.repeat(341)
      expect(encodeEvent({ id, data: '' })).toBe(`data: \nid: ${id}\n\n`)
      expect(() => encodeEvent({ id: '€'.repeat(342), data: '' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD'),
      )
    })

    it('that is a bigint is refused with the fix', () => {
      expect(() => encodeEvent({ id: 5n as never, data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`id` must be a string or a safe integer; for a bigint pass String(id), got 5n',
        ),
      )
    })

    it('that is an unsafe integer is refused', () => {
      expect(() => encodeEvent({ id: 2 ** 53, data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD'),
      )
    })

    it('that is a fraction is refused', () => {
      expect(() => encodeEvent({ id: 1.5, data: 'x' })).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
    })

    it('that is null is refused', () => {
      expect(() => encodeEvent({ id: null as never, data: 'x' })).toThrow(
        sseError(
          'ERR_SSE_INVALID_FIELD',
          '`id` must be a string or a safe integer; for a bigint pass String(id), got null. Leave it out instead.',
        ),
      )
    })
  })

  describe('retry', () => {
    it('may be 0', () => {
      expect(encodeEvent({ retry: 0, data: 'x' })).toBe('retry: 0\ndata: x\n\n')
    })

    it('on its own has no blank line, which some clients would dispatch', () => {
      expect(encodeEvent({ retry: 3_000 })).toBe('retry: 3000\n')
    })

    it('that is invalid is refused', () => {
      expect(() => encodeEvent({ retry: -1, data: 'x' })).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
    })
  })

  describe('comment', () => {
    it('stands before the fields of the event', () => {
      expect(encodeEvent({ comment: 'why', data: 'x' })).toBe(': why\ndata: x\n\n')
    })

    it('on its own has no blank line', () => {
      expect(encodeEvent({ comment: 'why' })).toBe(': why\n')
    })

    it('may be empty', () => {
      expect(encodeEvent({ comment: '' })).toBe(':\n')
    })

    it('with retry has no blank line', () => {
      expect(encodeEvent({ comment: 'why', retry: 1 })).toBe(': why\nretry: 1\n')
    })

    it('with a blank line in it cannot end the block', () => {
      expect(encodeEvent({ comment: 'a\n\ndata: b', data: 'x' })).toBe(
        ': a\n: \n: data: b\ndata: x\n\n',
      )
    })

    it('that is no string is refused', () => {
      expect(() => encodeEvent({ comment: 5 as never, data: 'x' })).toThrow(
        sseError('ERR_SSE_INVALID_FIELD', '`comment` must be a string, got 5'),
      )
    })
  })

  describe('a value that is no event', () => {
    it('is refused when it is an object without a property of an event', () => {
      expect(() => encodeEvent({ content: 'x' } as never)).toThrow(
        sseError(
          'ERR_SSE_INVALID_EVENT',
          'An event must be a string or an object with at least one of `data`, `event`, `id`, `retry` and `comment` that is not undefined, got an object with content. To send a value as JSON, wrap it: `{ data: value }`.',
        ),
      )
    })

    it.each([{ data: undefined }, { data: undefined, id: undefined }])(
      'is refused when its data is undefined and nothing else is there: %o',
      (event) => {
        expect(() => encodeEvent(event)).toThrow(
          sseError(
            'ERR_SSE_INVALID_EVENT',
            `\`data\` of an event that has nothing else must not be undefined, got an object with ${Object.keys(event).join(', ')}. Skip the event, or use null or ''.`,
          ),
        )
      },
    )

    it.each([
      ['`type` for `event`', { type: 'token', data: 'x' }, 'type, data. Put "type" into'],
      ['a typing error', { evnet: 'token', data: 'x' }, 'evnet, data. Put "evnet" into'],
      ['data beside the others', { event: 'done', total: 1 }, 'event, total. Put "total" into'],
    ])('is refused with a field that would be lost: %s', (_name, event, text) => {
      expect(() => encodeEvent(event as never)).toThrow(
        sseError('ERR_SSE_INVALID_EVENT', expect.stringContaining(`got an object with ${text}`)),
      )
    })

    it('may have fields of other names that are undefined', () => {
      expect(encodeEvent({ data: 'x', total: undefined } as never)).toBe('data: x\n\n')
    })

    it('may be of a class, whose own fields count and whose inherited ones do not', () => {
      const inherited = { total: 1, event: 'tick' }
      const event = Object.assign(Object.create(inherited) as object, { data: 'x' })
      expect(encodeEvent(event)).toBe('event: tick\ndata: x\n\n')
      expect(() => encodeEvent(Object.assign(event, { sum: 1 }))).toThrow(
        sseError('ERR_SSE_INVALID_EVENT'),
      )
    })

    it('may have no prototype', () => {
      expect(encodeEvent(Object.assign(Object.create(null) as object, { data: 'x' }))).toBe(
        'data: x\n\n',
      )
    })

    it('is refused when it is bytes that somebody gave a field of an event', () => {
      const bytes = Object.assign(new ArrayBuffer(1), { data: 'x' })
      expect(() => encodeEvent(bytes)).toThrow(
        sseError('ERR_SSE_INVALID_EVENT', expect.stringContaining('an instance of ArrayBuffer')),
      )
    })

    it('is refused when it is bytes, which have to be decoded', () => {
      expect(() => encodeEvent(new Uint8Array(3) as never)).toThrow(
        sseError(
          'ERR_SSE_INVALID_EVENT',
          expect.stringMatching(/got an instance of Uint8Array\. Decode bytes first/),
        ),
      )
    })

    it('is refused when it is an empty object', () => {
      expect(() => encodeEvent({})).toThrow(sseError('ERR_SSE_INVALID_EVENT'))
    })

    it('is refused when all its properties are undefined', () => {
      expect(() => encodeEvent({ data: undefined })).toThrow(sseError('ERR_SSE_INVALID_EVENT'))
    })

    it('is refused when it is undefined', () => {
      expect(() => encodeEvent(undefined as never)).toThrow(sseError('ERR_SSE_INVALID_EVENT'))
    })

    it('is refused when it is null', () => {
      expect(() => encodeEvent(null as never)).toThrow(sseError('ERR_SSE_INVALID_EVENT'))
    })

    it('is refused when it is a number', () => {
      expect(() => encodeEvent(5 as never)).toThrow(sseError('ERR_SSE_INVALID_EVENT'))
    })

    it('is refused when it is bytes', () => {
      expect(() => encodeEvent(new Uint8Array(2) as never)).toThrow(
        sseError('ERR_SSE_INVALID_EVENT'),
      )
    })
  })
})

describe('encodeComment', () => {
  it('writes a comment line', () => {
    expect(encodeComment('hello')).toBe(': hello\n')
  })

  it('writes the shortest comment for an empty text', () => {
    expect(encodeComment('')).toBe(':\n')
  })

  it('writes one comment line for each line, whatever ends it', () => {
    expect(encodeComment('1\n2\r3\r\n4')).toBe(': 1\n: 2\n: 3\n: 4\n')
  })

  it('keeps empty lines as comments, which dispatch nothing', () => {
    expect(encodeComment('\n\n')).toBe(': \n: \n: \n')
  })

  it('turns fields into comments', () => {
    expect(encodeComment('x\rdata: y')).toBe(': x\n: data: y\n')
  })

  it('keeps leading spaces and colons', () => {
    expect(encodeComment(' :x')).toBe(':  :x\n')
  })

  it('refuses what is no string', () => {
    expect(() => encodeComment(undefined as never)).toThrow(
      sseError('ERR_SSE_INVALID_FIELD', '`comment` must be a string, got undefined'),
    )
  })
})

describe('encodeRetry', () => {
  it('writes the reconnection time without a blank line', () => {
    expect(encodeRetry(3_000)).toBe('retry: 3000\n')
  })

  it('takes 0', () => {
    expect(encodeRetry(0)).toBe('retry: 0\n')
  })

  it('writes -0 as 0', () => {
    expect(encodeRetry(-0)).toBe('retry: 0\n')
  })

  it('takes the largest delay of a 32-bit timer, in plain digits', () => {
    expect(encodeRetry(2_147_483_647)).toBe('retry: 2147483647\n')
  })

  it('refuses one more, with which clients reconnect in a tight loop', () => {
    expect(() => encodeRetry(2_147_483_648)).toThrow(
      sseError(
        'ERR_SSE_INVALID_FIELD',
        '`retry` must be an integer of milliseconds from 0 to 2147483647, got 2147483648',
      ),
    )
  })

  it('refuses a negative time', () => {
    expect(() => encodeRetry(-1)).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
  })

  it('refuses a fraction', () => {
    expect(() => encodeRetry(1.5)).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
  })

  it('refuses NaN and Infinity', () => {
    expect(() => encodeRetry(NaN)).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
    expect(() => encodeRetry(Infinity)).toThrow(sseError('ERR_SSE_INVALID_FIELD'))
  })

  it('refuses a string, even of digits', () => {
    expect(() => encodeRetry('5' as never)).toThrow(
      sseError(
        'ERR_SSE_INVALID_FIELD',
        '`retry` must be an integer of milliseconds from 0 to 2147483647, got "5"',
      ),
    )
  })
})
