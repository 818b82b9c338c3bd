import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files, ROOT } from './support/workspace.ts'

// A test that never runs looks like one that passes.
const FORBIDDEN = /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/
const CONDITIONAL = /\.(?:skipIf|runIf)\(/
// The tool may be looked for in the module that uses it.
const LOCAL_IMPORT = / from '(\.[^']+)'/g

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
    const reasonless = linesWith(CONDITIONAL).filter(({ file, text }) => {
      const besides = Array.from(text.matchAll(LOCAL_IMPORT), ([, path = '']) =>
        readFileSync(join(dirname(file), path), 'utf8'),
      )
      return ![text, ...besides].some((source) => /\brequireTool(?:Package)?\(/.test(source))
    })
    expect(reasonless.map(({ where }) => where)).toEqual([])
  })
})

function linesWith(pattern: RegExp): { file: string; where: string; text: string }[] {
  return tests.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [{ file, where: `${relative(ROOT, file)}:${index + 1}`, text }] : [],
      )
  })
}
