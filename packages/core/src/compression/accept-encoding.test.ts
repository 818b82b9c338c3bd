import { describe, expect, it } from 'vitest'
import { chooseEncoding } from './accept-encoding.ts'

const ALL = ['gzip', 'br', 'zstd'] as const

describe('the encoding of a response', () => {
  it('is none for a client that says nothing', () => {
    expect(chooseEncoding(undefined, ALL)).toBeUndefined()
    expect(chooseEncoding(null, ALL)).toBeUndefined()
    expect(chooseEncoding('', ALL)).toBeUndefined()
  })

  it('is the favourite of the server where the client likes all the same', () => {
    expect(chooseEncoding('gzip, deflate, br, zstd', ALL)).toBe('gzip')
    expect(chooseEncoding('gzip, deflate, br, zstd', ['zstd', 'gzip'])).toBe('zstd')
    expect(chooseEncoding('br', ALL)).toBe('br')
  })

  it('is what the client likes best', () => {
    expect(chooseEncoding('gzip;q=0.5, br;q=0.9, zstd;q=0.8', ALL)).toBe('br')
    expect(chooseEncoding('gzip;q=0.001', ALL)).toBe('gzip')
  })

  it('is read whatever the case and the spaces', () => {
    expect(chooseEncoding('GZip ; Q=1.000', ALL)).toBe('gzip')
    expect(chooseEncoding('\t br;q=0.2 ,, gzip;q=0.1', ALL)).toBe('br')
    expect(chooseEncoding('x-gzip', ALL)).toBe('gzip')
  })

  it('is none that the client refuses', () => {
    expect(chooseEncoding('gzip;q=0', ALL)).toBeUndefined()
    expect(chooseEncoding('gzip;q=0.000, br', ALL)).toBe('br')
    expect(chooseEncoding('deflate', ALL)).toBeUndefined()
  })

  it('may be any for a client that takes any', () => {
    expect(chooseEncoding('*', ALL)).toBe('gzip')
    expect(chooseEncoding('gzip;q=0, *', ALL)).toBe('br')
    expect(chooseEncoding('br, *;q=0', ALL)).toBe('br')
    expect(chooseEncoding('*;q=0', ALL)).toBeUndefined()
  })

  it('is none for a client that would rather have it plain', () => {
    expect(chooseEncoding('identity', ALL)).toBeUndefined()
    expect(chooseEncoding('gzip;q=0.5, identity', ALL)).toBeUndefined()
    expect(chooseEncoding('gzip;q=0.5, identity;q=0.4', ALL)).toBe('gzip')
    expect(chooseEncoding('gzip, identity', ALL)).toBe('gzip')
    expect(chooseEncoding('gzip, identity;q=0', ALL)).toBe('gzip')
  })

  it('is none where nothing is left that both can, even if the client refuses plain text', () => {
    expect(chooseEncoding('deflate, identity;q=0', ALL)).toBeUndefined()
  })

  it('is none that comes with something unreadable', () => {
    for (const weight of ['q=', 'q=2', 'q=-1', 'q=0.0001', 'q=1.5', 'q=x', 'a=1', 'q=1;q=1']) {
      expect(chooseEncoding(`gzip;${weight}`, ALL)).toBeUndefined()
    }
  })

  it('counts what is named first', () => {
    expect(chooseEncoding('gzip;q=0, gzip', ALL)).toBeUndefined()
  })
})
