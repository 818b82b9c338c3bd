import { describe, expect, it } from 'vitest'
import { rowOf, spread } from './spread.ts'

describe('spread', () => {
  it('takes the middle of an odd number of rounds', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 })
  })

  it('takes what lies between the two in the middle of an even number', () => {
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 })
  })

  it('is no number where there are no rounds', () => {
    expect(spread([])).toEqual({ median: Number.NaN, least: Number.NaN, most: Number.NaN })
  })
})

describe('rowOf', () => {
  it('divides each round by that of the baseline, and not median by median', () => {
    const row = rowOf('x', { cpu: [10, 40, 30] }, { cpu: [10, 20, 30] })
    expect(row.values['cpu']?.median).toBe(30)
    expect(row.ratios['cpu']).toEqual({ median: 1, least: 1, most: 2 })
  })
})
