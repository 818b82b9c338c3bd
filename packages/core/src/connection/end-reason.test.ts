import { describe, expect, it } from 'vitest'
import { SseError } from '../errors.ts'
import { END_REASONS, endError } from './end-reason.ts'

describe('END_REASONS', () => {
  it('are all reasons, in the order in which they are documented', () => {
    expect(END_REASONS).toEqual([
      'completed',
      'client-disconnect',
      'send-timeout',
      'idle-timeout',
      'max-duration',
      'overflow',
      'shutdown',
      'source-error',
      'closed',
    ])
  })
})

describe('endError', () => {
  it.each(END_REASONS)('has the reason as its code and says it in a sentence: %s', (reason) => {
    const error = endError(reason)
    expect(error).toBeInstanceOf(SseError)
    expect(error.code).toBe(reason)
    expect(error.message).toMatch(/^The event stream ended: .+\.$/)
    expect('cause' in error).toBe(false)
  })

  it.each([
    ['send-timeout', 'sendTimeoutMs'],
    ['idle-timeout', 'idleTimeoutMs'],
    ['max-duration', 'maxDurationMs'],
    ['overflow', 'maxBufferedBytes'],
    ['overflow', 'Await `stream.send()`'],
  ] as const)('of %s names %s', (reason, text) => {
    expect(endError(reason).message).toContain(text)
  })

  it('carries what the source threw', () => {
    const cause = new Error('boom')
    expect(endError('source-error', cause).cause).toBe(cause)
    expect(endError('source-error', null).cause).toBe(null)
  })
})
