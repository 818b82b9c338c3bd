import { describe, expect, it } from 'vitest'
import { readLastEventId } from '../wire/last-event-id.ts'
import { createEpoch, formatId, joinIds, MAX_IDS, parseId, splitIds } from './event-id.ts'

const EPOCH = '0123456789ab'

describe('an id', () => {
  it('names its log and its place in it', () => {
    expect(formatId(EPOCH, 71)).toBe('0123456789ab-1z')
    expect(parseId('0123456789ab-1z', EPOCH)).toBe(71)
  })

  it('comes back for every place there can be', () => {
    for (const order of [0, 1, 35, 36, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(parseId(formatId(EPOCH, order), EPOCH)).toBe(order)
    }
  })

  it('is unknown in another log', () => {
    expect(parseId('ba9876543210-1z', EPOCH)).toBe('unknown')
    expect(createEpoch()).not.toBe(createEpoch())
    expect(createEpoch()).toMatch(/^[0-9a-f]{12}$/)
  })

  it.each([
    '',
    '7',
    '0123456789ab',
    '0123456789ab-',
    '0123456789ab-1Z',
    '0123456789ab--1',
    '0123456789ab-zzzzzzzzzzz',
    '0123456789ab-1z ',
    'x0123456789ab-1',
    '0123456789ab-1\n',
  ])('is malformed as %j', (id) => {
    expect(parseId(id, EPOCH)).toBe('malformed')
  })
})

describe('ids of several logs', () => {
  it('become one, and several again', () => {
    expect(splitIds(joinIds(['a-1', 'b-2']))).toEqual(['a-1', 'b-2'])
  })

  it('survive two copies of the header', () => {
    expect(splitIds('a-1, b-2')).toEqual(['a-1', 'b-2'])
  })

  it('stay below the longest id that is read back, however many there may be', () => {
    const longest = formatId(EPOCH, Number.MAX_SAFE_INTEGER)
    const id = joinIds(Array.from({ length: MAX_IDS }, () => longest))
    expect(readLastEventId(id, '/')).toBe(id)
  })

  it('are not split without end', () => {
    expect(splitIds(','.repeat(1_000)).length).toBeLessThanOrEqual(MAX_IDS * 2)
  })
})
