import { afterEach, describe, expect, it, vi } from 'vitest'
import { jitter, refusalFor } from './refusal.ts'

afterEach(() => void vi.restoreAllMocks())

const none = (): undefined => undefined
const hard = { soft: false, retryAfterMs: 5_000 }
const soft = { soft: true, retryAfterMs: 5_000 }

function seedRandom(value: number): void {
  vi.spyOn(Math, 'random').mockReturnValue(value)
}

describe('a refusal', () => {
  it.each([
    [
      'server-limit',
      503,
      '{"error":{"code":"server-limit","message":"Too many event streams are open. Try again later."}}',
    ],
    [
      'key-limit',
      429,
      '{"error":{"code":"key-limit","message":"You have too many event streams open. Close one, or try again later."}}',
    ],
    [
      'queue-timeout',
      503,
      '{"error":{"code":"queue-timeout","message":"Too many event streams are open. Try again later."}}',
    ],
    [
      'shutdown',
      503,
      '{"error":{"code":"shutdown","message":"The server is shutting down. Try again later."}}',
    ],
  ] as const)('for %s is a %i with a JSON body', (reason, status, body) => {
    seedRandom(0)
    expect(refusalFor(reason, hard, none)).toEqual({
      head: {
        status,
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Cache-Control': 'no-store',
          'Retry-After': '5',
        },
      },
      body,
    })
  })

  it.each([
    [5_000, 0, '5'],
    [5_000, 0.5, '7'],
    [5_000, 0.999_999, '8'],
    [1_000, 0, '1'],
    [1_000, 0.002, '2'],
    [400, 0, '1'],
    [0, 0.9, '1'],
    [2_147_483_647, 0.9, '2147484'],
  ])('after %i ms at %d has whole seconds of at least 1: %s', (retryAfterMs, random, seconds) => {
    seedRandom(random)
    const { head } = refusalFor('server-limit', { soft: false, retryAfterMs }, none)
    expect(head.headers['Retry-After']).toBe(seconds)
  })

  it('that is soft is an event stream that only says when to come back', () => {
    seedRandom(0.5)
    expect(refusalFor('server-limit', soft, none)).toEqual({
      head: {
        status: 200,
        headers: {
          'Content-Type': 'text/event-stream',
          'Cache-Control': 'no-cache, no-transform',
          'X-Accel-Buffering': 'no',
        },
      },
      body: ':\nretry: 6250\n',
    })
  })

  it('that is soft is so for the limit of a key, too', () => {
    expect(refusalFor('key-limit', soft, none).head.status).toBe(200)
  })

  it('that is soft keeps the Cache-Control that was set before', () => {
    const { head } = refusalFor('shutdown', soft, (name) =>
      name === 'Cache-Control' ? 'private' : undefined,
    )
    expect(head.headers['Cache-Control']).toBe('private, no-transform')
  })
})

describe('jitter', () => {
  it('spreads over 100 to 150 %', () => {
    seedRandom(0)
    expect(jitter(1_000)).toBe(1_000)
    seedRandom(0.5)
    expect(jitter(1_000)).toBe(1_250)
    seedRandom(0.999_999_9)
    expect(jitter(1_000)).toBe(1_500)
  })

  it('is an integer', () => {
    seedRandom(0.333)
    expect(jitter(999)).toBe(1_165)
  })

  it('never exceeds what clients can wait', () => {
    seedRandom(0.1)
    expect(jitter(2_147_483_647)).toBe(2_147_483_647)
  })

  it('of 0 stays 0', () => {
    seedRandom(0.7)
    expect(jitter(0)).toBe(0)
  })
})
