import { describe, expect, it } from 'vitest'
import { plotsOf } from '../plots.ts'
import { madeUpRun } from '../support/made-up-run.ts'
import { element, escapeText } from './element.ts'
import { ticksUpTo } from './page.ts'

const plots = plotsOf(madeUpRun())
const TAG =
  /<(?<close>\/?)(?<name>[a-z]+)(?<attributes>(?: [a-zA-Z\d-]+="[^"<>]*")*)(?<empty>\/?)>/g

describe('plotsOf', () => {
  it('draws all that there is', () => {
    expect(plots.map(({ name }) => name)).toEqual([
      'throughput',
      'cpu-per-delivery',
      'growth',
      'latency',
      'memory',
      'one-stream',
      'encode',
    ])
  })

  it('draws nothing of what was not measured', () => {
    expect(plotsOf({ ...madeUpRun(), scenarios: [] })).toEqual([])
  })

  it.each(plots)('$name is well-formed, and has a title', ({ svg }) => {
    expect(unbalanced(svg)).toEqual([])
    // What is no tag is text, and has nothing that a tag could begin with.
    expect(svg.replace(TAG, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/)
    expect(svg).toMatch(/<title>[^<]+<\/title>/)
  })

  it.each(plots)('$name holds no number that is none', ({ svg }) => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/)
  })

  it.each(plots)('$name can be read on light and on dark', ({ svg }) => {
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  it('says of a system without a figure that it was not measured', () => {
    expect(plots.find(({ name }) => name === 'throughput')?.svg).toContain('not measured')
  })

  it('escapes names', () => {
    expect(plots.find(({ name }) => name === 'encode')?.svg).toContain('a &lt;peer&gt;')
  })
})

describe('element', () => {
  it('refuses a number that is none', () => {
    expect(() => element('rect', { width: Number.NaN })).toThrow('width is NaN')
  })

  it('leaves out what is undefined, and rounds', () => {
    expect(element('line', { x1: 1.005_5, class: undefined, id: 'a"b' })).toBe(
      '<line x1="1.01" id="a&quot;b"/>',
    )
    expect(escapeText('a & <b>')).toBe('a &amp; &lt;b&gt;')
  })
})

describe('ticksUpTo', () => {
  it('goes in round steps to at least the most', () => {
    expect(ticksUpTo(8.6, 5)).toEqual([0, 2, 4, 6, 8, 10])
    expect(ticksUpTo(1, 3)).toEqual([0, 0.5, 1])
    expect(ticksUpTo(0, 3)).toEqual([0, 1])
  })
})

/** The tags that were not closed, or closed and never opened. */
function unbalanced(svg: string): string[] {
  const open: string[] = []
  for (const { groups = {} } of svg.matchAll(TAG)) {
    if (groups['empty'] === '/') continue
    if (groups['close'] !== '/') open.push(groups['name'] ?? '')
    else if (open.pop() !== groups['name']) return [`</${groups['name']}>`]
  }
  return open
}
