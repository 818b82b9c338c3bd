import { describe, expect, it } from 'vitest'
import { CASES } from './cases.ts'

describe('the cases of the conformance suite', () => {
  it('have ids of their own, which never change their meaning', () => {
    const ids = CASES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(CASES.map(({ id, level, name }) => `${id} ${level} ${name}`)).toMatchSnapshot()
  })

  it('say where their behaviour is written down', () => {
    expect(CASES.filter(({ spec }) => !spec.startsWith('https://'))).toEqual([])
  })
})
