import { describe, expect, it } from 'vitest'
import { GOALS, goalResults } from './goals.ts'
import { madeUpRun } from './support/made-up-run.ts'

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

  it('is not measured when there is no such scenario', () => {
    expect(verdictOf(/^heartbeats/)).toMatchObject({ verdict: 'not measured', checks: [] })
  })
})
