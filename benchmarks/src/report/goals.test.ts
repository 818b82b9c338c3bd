import { describe, expect, it } from 'vitest'
import { GOALS, goalResults } from './goals.ts'
import { madeUpRun, madeUpScenario } from './support/made-up-run.ts'

const results = goalResults(madeUpRun())
const verdictOf = (what: RegExp) => results.find(({ goal }) => what.test(goal.what))

describe('goalResults', () => {
  it('has a verdict for every goal', () => {
    expect(results).toHaveLength(GOALS.length)
  })

  it('is met when the worst of ours meets every part', () => {
    expect(verdictOf(/^heap/)).toMatchObject({
      verdict: 'yes',
      checks: [{ text: '0.80 KB more than raw', isMet: true }],
    })
  })

  it('is met in part when some parts miss', () => {
    const found = verdictOf(/^fan-out at/)
    expect(found?.verdict).toBe('in part')
    expect(found?.checks[0]).toEqual({ text: '79 % to 81 % of C at 1,000', isMet: false })
  })

  it('tells how the cost grows, and how it does next to the baseline', () => {
    const scenarios = [
      madeUpScenario({ C: [4, 0], '@sse/core/node': [5, 0] }, { id: 'fan-out-100x1x100' }),
      madeUpScenario({ C: [8, 0], '@sse/core/node': [9, 0] }, { id: 'fan-out-10000x1x100' }),
    ]
    const grown = goalResults({ ...madeUpRun(), scenarios })
    expect(grown.find(({ goal }) => goal.what.startsWith('cost of a delivery'))).toMatchObject({
      verdict: 'in part',
      checks: [
        { text: '× 1.80', isMet: false },
        { text: '× 0.90 of that of C', isMet: true },
      ],
    })
  })

  it('is not measured when there is no such scenario', () => {
    expect(verdictOf(/^heartbeats/)).toMatchObject({ verdict: 'not measured', checks: [] })
  })
})
