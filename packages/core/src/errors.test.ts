import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { SseError, show } from './errors.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

describe('SseError', () => {
  it('is an Error with a code and a name', () => {
    const error = new SseError('ERR_SSE_INVALID_FIELD', 'why')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'SseError',
      code: 'ERR_SSE_INVALID_FIELD',
      message: 'why',
    })
    expect(String(error)).toBe('SseError: why')
  })

  it('has no cause unless it is given one', () => {
    const cause = new Error('first')
    expect('cause' in new SseError('closed', 'why')).toBe(false)
    expect(new SseError('closed', 'why', { cause }).cause).toBe(cause)
  })
})

describe('show', () => {
  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 1.5, '1.5'],
    ['NaN', NaN, 'NaN'],
    ['-Infinity', -Infinity, '-Infinity'],
    ['a boolean', false, 'false'],
    ['a bigint', 5n, '5n'],
    ['a string', 'a"b', '"a\\"b"'],
    ['an empty string', '', '""'],
    ['a symbol', Symbol('key'), 'Symbol(key)'],
    ['a named function', function work() {}, 'function work'],
    [
      'an anonymous function',
      (
        () => () =>
          1
      )(),
      'function (anonymous)',
    ],
    ['a class', class Shape {}, 'function Shape'],
    ['an array', [1, 2, 3], 'an array of 3'],
    ['an empty array', [], 'an array of 0'],
    ['an empty object', {}, '{}'],
    ['an object', { a: 1, b: 2 }, 'an object with a, b'],
    [
      'an object with many keys',
      { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 },
      'an object with a, b, c, d, e',
    ],
    ['an object without a prototype', Object.create(null), '{}'],
    ['an instance', new Date(0), 'an instance of Date'],
    ['an instance of an own class', new (class Job {})(), 'an instance of Job'],
    ['an error', new TypeError('secret'), 'an instance of TypeError'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
    ['a generator', (function* () {})(), '[object Generator]'],
    ['an object of another realm', runInNewContext('({ a: 1 })'), 'an object with a'],
  ])('shows %s', (_name, value, text) => {
    expect(show(value)).toBe(text)
  })

  it('cuts what is longer than 80 characters', () => {
    expect(show('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`)
    expect(show('x'.repeat(79))).toBe(`"${'x'.repeat(79)}…`)
    expect(show({ ['k'.repeat(500)]: 1 })).toHaveLength(81)
  })

  it('never forges a line of a log', () => {
    expect(show({ 'a\nERROR b': 1 })).toBe('an object with a ERROR b')
    expect(show(Symbol('a\r\n\u2028b'))).toBe('Symbol(a b)')
    expect(show('a\nb')).toBe('"a\\nb"')
  })

  it('says only the type of what cannot be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(show(proxy)).toBe('a value of type object')
    const nameless = Object.defineProperty(() => 1, 'name', { value: Symbol('no text') })
    expect(show(nameless)).toBe('a value of type function')
    expect(show(Object.create({ constructor: { name: Symbol('no text') } }))).toBe(
      'a value of type object',
    )
  })

  it('is one short line for any value, and never throws', () => {
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
    fc.assert(
      fc.property(fc.oneof(anything, fc.string({ unit: 'binary' })), (value) => {
        const text = show(value)
        expect(text.length).toBeLessThanOrEqual(81)
        expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      }),
    )
  })
})
