import { describe, expect, it } from 'vitest'
import { CPU, madeUpScenario, RATE } from './support/made-up-run.ts'
import { betterPeers, isOurs } from './systems.ts'

const summary = (found: ReturnType<typeof betterPeers>): unknown[] =>
  found.map(({ metric, peer, ours, factor }) => [metric.id, peer.system, ours.system, factor])

describe('isOurs', () => {
  it('goes by the beginning of the name', () => {
    expect(isOurs('@sse/core fetch')).toBe(true)
    expect(isOurs('@fastify/sse')).toBe(false)
  })
})

describe('betterPeers', () => {
  it('finds every row that is better than the best of ours, the best first', () => {
    const scenario = madeUpScenario(
      { C: [5], '@sse/hono': [12], '@sse/core': [10], slow: [11], good: [8], best: [4] },
      { metrics: [CPU] },
    )
    expect(summary(betterPeers([scenario]))).toEqual([
      ['cpu', 'best', '@sse/core', 2.5],
      ['cpu', 'good', '@sse/core', 1.25],
    ])
  })

  it('knows that of some figures more is better', () => {
    const scenario = madeUpScenario(
      { C: [5], '@sse/core': [10], less: [8], more: [20] },
      { metrics: [RATE] },
    )
    expect(summary(betterPeers([scenario]))).toEqual([['rate', 'more', '@sse/core', 2]])
  })

  it('leaves out the baseline, and what is as good', () => {
    const scenario = madeUpScenario({ C: [1], '@sse/core': [10], same: [10] }, { metrics: [CPU] })
    expect(betterPeers([scenario])).toEqual([])
  })

  it('leaves out how busy the reader was', () => {
    const reader = { id: 'reader', title: 'reader busy', unit: '%', better: 'less' } as const
    const scenario = madeUpScenario({ C: [9], '@sse/core': [10], peer: [5] }, { metrics: [reader] })
    expect(betterPeers([scenario])).toEqual([])
  })

  it('compares nothing with what was not measured', () => {
    const scenario = madeUpScenario(
      { C: [5], '@sse/core': [Number.NaN], peer: [5], other: [Number.NaN] },
      { metrics: [CPU] },
    )
    expect(betterPeers([scenario])).toEqual([])
  })
})
