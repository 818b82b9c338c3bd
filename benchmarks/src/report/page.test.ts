import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { reportPage } from './page.ts'
import { plotsOf } from './plots.ts'
import type { RunResult } from './result.ts'
import { madeUpRun, madeUpScenario } from './support/made-up-run.ts'
import { writeReport } from './write-report.ts'

const run = madeUpRun()
const page = reportPage(run, plotsOf(run))

const memoryScenario = (figures: Readonly<Record<string, readonly number[]>>) =>
  madeUpScenario(figures, {
    id: 'memory',
    group: 'memory',
    baseline: 'raw',
    metrics: [{ id: 'heap', title: 'heap per connection', unit: 'KB', better: 'less' }],
  })

describe('reportPage', () => {
  it('holds no number that is none', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|null/)
  })

  it('has tables whose rows are as long as their heads', () => {
    const tables = page.split('\n\n').filter((block) => block.startsWith('|'))
    expect(tables.length).toBeGreaterThan(run.scenarios.length)
    for (const table of tables) {
      const lengths = table.split('\n').map((row) => row.match(/(?<!\\)\|/g)?.length)
      expect(new Set(lengths).size).toBe(1)
    }
  })

  it('says where it was measured, and how', () => {
    expect(page).toContain('| machine | 2 × A processor \\| of some kind, Linux 6 |')
    expect(page).toContain('| command | `node benchmarks/src/main.ts --full` |')
    expect(page).toContain('| date | 2026-11-26 |')
  })

  it('says what stands in the way of a goal, where it is missed', () => {
    const obstacle = '- heap of an idle connection, on every framework: '
    const memoryOf = (ours: number) =>
      reportPage(
        { ...run, scenarios: [memoryScenario({ raw: [4.8], '@sse/core/node': [ours] })] },
        [],
      )
    expect(memoryOf(6.1)).toContain(obstacle)
    expect(memoryOf(5.1)).not.toContain(obstacle)
  })

  it('says openly where a peer is better', () => {
    const scenario = madeUpScenario({ C: [5, 5], '@sse/core': [10, 1], peer: [8, 1] })
    expect(reportPage({ ...run, scenarios: [scenario] }, [])).toContain(
      '| Fan-out: 1,000 connections | CPU per delivery, µs | peer: 8 | @sse/core: 10 | × 1.25 |',
    )
  })

  it('says so when none is', () => {
    expect(reportPage({ ...run, scenarios: [] }, [])).toContain(
      'In nothing that was measured here.',
    )
  })
})

describe('writeReport', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  const folders = { results: join(folder, 'results'), docs: join(folder, 'docs') }
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
    vi.restoreAllMocks()
  })

  it('makes a page of a full run whose pictures are all there', async () => {
    await writeReport(run, folders)
    expect(JSON.parse(readFileSync(join(folders.results, 'full.json'), 'utf8'))).toMatchObject({
      header: run.header,
    })
    const text = readFileSync(join(folders.docs, 'performance.md'), 'utf8')
    const shown = [...text.matchAll(/\]\(performance\/([^)]+)\)/g)].map(([, file]) => file)
    expect(new Set(shown)).toEqual(new Set(readdirSync(join(folders.docs, 'performance'))))
  })

  it('writes the same again from its JSON', async () => {
    await writeReport(run, folders)
    const page = join(folders.docs, 'performance.md')
    const before = readFileSync(page, 'utf8')
    await writeReport(
      JSON.parse(readFileSync(join(folders.results, 'full.json'), 'utf8')) as RunResult,
      folders,
    )
    expect(readFileSync(page, 'utf8')).toBe(before)
  })

  it('prints the tables of a short one', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue()
    await writeReport(madeUpRun('short'), folders)
    expect(readdirSync(folders.results)).toEqual(['short.json'])
    expect(log.mock.calls.join('\n')).toContain('| **@sse/core/node** | 6 (5.40–6.60) | × 1.20')
  })
})
