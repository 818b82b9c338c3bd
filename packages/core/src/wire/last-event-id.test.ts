import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { readLastEventId } from './last-event-id.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

/** What a server hands over for a header of these bytes. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

describe('the Last-Event-ID header', () => {
  it('is the last event ID', () => {
    expect(readLastEventId('42', '/')).toBe('42')
  })

  it('wins over the query parameter', () => {
    expect(readLastEventId('header', '/?lastEventId=query')).toBe('header')
  })

  it.each([undefined, null, ''])('of %j leaves it to the query parameter', (header) => {
    expect(readLastEventId(header, '/?lastEventId=query')).toBe('query')
  })

  it.each(['é', '€uro', '豆腐', '😀', 'Grüße…', '\uFEFFx'])('of UTF-8 is decoded: %s', (id) => {
    expect(readLastEventId(latin1(id), '/')).toBe(id)
  })

  it('of bytes that are no UTF-8 stays as it is', () => {
    expect(readLastEventId('caf\xe9', '/')).toBe('caf\xe9')
    expect(readLastEventId('\xff\xfe', '/')).toBe('\xff\xfe')
    expect(readLastEventId('cut \xe2\x82', '/')).toBe('cut \xe2\x82')
  })

  it('that is decoded already stays as it is', () => {
    expect(readLastEventId('€', '/')).toBe('€')
    expect(readLastEventId('\xe9 and 豆', '/')).toBe('\xe9 and 豆')
  })

  it('that was sent twice is what the server joined', () => {
    expect(readLastEventId('1, 2', '/')).toBe('1, 2')
  })

  it('keeps spaces and what else an id may hold', () => {
    expect(readLastEventId('a b:c\t"d"', '/')).toBe('a b:c\t"d"')
  })

  it.each(['a\0b', 'a\nb', 'a\rb', '\0'])(
    'with a character that no id holds is none: %j',
    (header) => {
      expect(readLastEventId(header, '/?lastEventId=query')).toBeUndefined()
    },
  )

  it('of 1024 bytes is read, a longer one is none', () => {
    expect(readLastEventId('x'.repeat(1_024), '/')).toHaveLength(1_024)
    expect(readLastEventId('x'.repeat(1_025), '/')).toBeUndefined()
    expect(readLastEventId('x'.repeat(16_000), '/')).toBeUndefined()
  })

  it('is measured in bytes of UTF-8', () => {
    expect(readLastEventId(latin1('€'.repeat(341)), '/')).toBe('€'.repeat(341))
    expect(readLastEventId(latin1('€'.repeat(342)), '/')).toBeUndefined()
    expect(readLastEventId('\xe9'.repeat(512), '/')).toBe('\xe9'.repeat(512))
    expect(readLastEventId('\xe9'.repeat(513), '/')).toBeUndefined()
  })
})

describe('the lastEventId query parameter', () => {
  it.each([
    ['/?lastEventId=7', '7'],
    ['/events?a=1&lastEventId=7&b=2', '7'],
    ['http://example.com/events?lastEventId=7', '7'],
    ['/?lastEventId=a%20b+c', 'a b c'],
    ['/?lastEventId=%E2%82%AC', '€'],
    ['/?lastEventId=first&lastEventId=second', 'first'],
    ['/?lastEventId=7#lastEventId=8', '7'],
    ['/?lastEventId=a?b', 'a?b'],
    ['/?lastEventId=%ff', '\uFFFD'],
    ['/?lastEventId=%', '%'],
  ])('is read from %s', (url, id) => {
    expect(readLastEventId(undefined, url)).toBe(id)
  })

  it.each([
    '',
    '/',
    '/lastEventId=7',
    '/?lasteventid=7',
    '/?xlastEventId=7',
    '/?lastEventId',
    '/?lastEventId=',
    '/#?x',
    '/?a=1#lastEventId=7',
    '/?a=lastEventId=7',
  ])('is none in %j', (url) => {
    expect(readLastEventId(undefined, url)).toBeUndefined()
  })

  it.each(['%00', 'a%0Ab', 'a%0D'])('with a character that no id holds is none: %s', (value) => {
    expect(readLastEventId(undefined, `/?lastEventId=${value}`)).toBeUndefined()
  })

  it('is limited to 1024 bytes, too', () => {
    expect(readLastEventId(undefined, `/?lastEventId=${'x'.repeat(1_024)}`)).toHaveLength(1_024)
    expect(readLastEventId(undefined, `/?lastEventId=${'x'.repeat(1_025)}`)).toBeUndefined()
  })
})

describe('garbage', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 2_000 }))

  it('never throws, and gives an id that may be used or none', () => {
    fc.assert(
      fc.property(fc.option(anyText), anyText, (header, query) => {
        const id = readLastEventId(header, `/?lastEventId=${query}`)
        if (id === undefined) return
        expect(id).not.toMatch(/[\0\r\n]/)
        expect(id).not.toBe('')
        expect(Buffer.byteLength(id)).toBeLessThanOrEqual(1_024)
      }),
    )
  })

  it('has no effect on ids that a browser sends back', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(id, (value) => {
        expect(readLastEventId(latin1(value), '/')).toBe(value)
      }),
    )
  })
})
