import { describe, expect, it } from 'vitest'
import { formatNumber, formatPercent, formatSpread } from './format.ts'

describe('formatNumber', () => {
  it.each([
    [1_234_567.8, '1,234,568'],
    [123.4, '123'],
    [12.34, '12.3'],
    [12, '12'],
    [1.234, '1.23'],
    [2, '2'],
    [0, '0'],
    [0.5, '0.50'],
    [0.012_34, '0.012'],
    [-12.34, '-12.3'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })

  it.each([Number.NaN, Infinity, undefined])('writes %s as a dash', (value) => {
    expect(formatNumber(value)).toBe('–')
  })
})

describe('formatSpread', () => {
  it('has the median, the least and the most', () => {
    expect(formatSpread({ median: 2, least: 1.5, most: 3 })).toBe('2 (1.50–3)')
  })

  it('has one figure where all are the same', () => {
    expect(formatSpread({ median: 1, least: 1, most: 1 })).toBe('1')
  })

  it('is a dash where nothing was measured', () => {
    expect(formatSpread(undefined)).toBe('–')
    expect(formatSpread({ median: Number.NaN, least: 1, most: 2 })).toBe('–')
  })
})

describe('formatPercent', () => {
  it('rounds a share', () => {
    expect(formatPercent(0.876)).toBe('88 %')
    expect(formatPercent(Number.NaN)).toBe('–')
  })
})
