import { describe, expect, it } from 'vitest'
import { eventStreamHeaders, type HeaderReader } from './response-headers.ts'

const none: HeaderReader = () => undefined

function withHeader(name: string, value: string | null): HeaderReader {
  return (asked) => (asked.toLowerCase() === name.toLowerCase() ? value : undefined)
}

describe('eventStreamHeaders', () => {
  it('are these three and no others', () => {
    expect(eventStreamHeaders(none)).toEqual({
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    })
  })

  it('never name hop-by-hop headers, which HTTP/2 forbids', () => {
    const names = Object.keys(eventStreamHeaders(none)).map((name) => name.toLowerCase())
    expect(names).not.toContain('connection')
    expect(names).not.toContain('transfer-encoding')
    expect(names).not.toContain('keep-alive')
  })

  it('are a new object each time, so that nobody changes those of another response', () => {
    expect(eventStreamHeaders(none)).not.toBe(eventStreamHeaders(none))
  })

  it.each([
    ['no-store', 'no-store, no-transform'],
    ['private, max-age=0', 'private, max-age=0, no-transform'],
    ['no-transform', 'no-transform'],
    ['no-store, No-Transform', 'no-store, No-Transform'],
    ['public,no-transform,max-age=1', 'public,no-transform,max-age=1'],
    ['x-no-transformer', 'x-no-transformer, no-transform'],
    ['', 'no-cache, no-transform'],
  ])('keep an earlier Cache-Control: %j', (existing, expected) => {
    const headers = eventStreamHeaders(withHeader('Cache-Control', existing))
    expect(headers['Cache-Control']).toBe(expected)
  })

  it('replace an earlier Content-Type', () => {
    const headers = eventStreamHeaders(withHeader('Content-Type', 'text/html; charset=utf-8'))
    expect(headers['Content-Type']).toBe('text/event-stream')
  })

  it('keep an earlier X-Accel-Buffering', () => {
    const headers = eventStreamHeaders(withHeader('X-Accel-Buffering', 'yes'))
    expect(headers['X-Accel-Buffering']).toBe('yes')
  })

  it('take null for a header that is not set, as fetch says it', () => {
    expect(eventStreamHeaders(() => null)).toEqual(eventStreamHeaders(none))
  })
})
