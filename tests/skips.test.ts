import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files, ROOT } from './support/workspace.ts'

// A test that never runs looks like one that passes.
const FORBIDDEN = /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/
const CONDITIONAL = /\.(?:skipIf|runIf)\(/

const tests = files(
  '{packages,apps}/*/{src,test}/**/*.{test,load}.ts',
  '{packages,apps}/*/*.{test,load}.ts',
  'tests/**/*.test.ts',
)

describe('test files', () => {
  it('are found', () => {
    expect(tests.length).toBeGreaterThan(1)
  })

  it('skip nothing for good', () => {
    expect(linesWith(FORBIDDEN).map(({ where }) => where)).toEqual([])
  })

  it('skip on a condition only for a missing tool, which CI requires', () => {
    const reasonless = linesWith(CONDITIONAL).filter(({ text }) => !text.includes('requireTool('))
    expect(reasonless.map(({ where }) => where)).toEqual([])
  })
})

function linesWith(pattern: RegExp): { where: string; text: string }[] {
  return tests.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [{ where: `${relative(ROOT, file)}:${index + 1}`, text }] : [],
      )
  })
}
