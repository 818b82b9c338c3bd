import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reportPage, reportText } from './page.ts'
import { plotsOf } from './plots.ts'
import type { RunResult } from './result.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Where to write; tests write elsewhere. */
export interface ReportFolders {
  readonly results: string
  readonly docs: string
}

const FOLDERS: ReportFolders = { results: `${ROOT}benchmarks/results`, docs: `${ROOT}docs` }

/**
 * Writes what was measured as JSON. A full run also becomes the page on performance with its pictures; a short one
 * is printed.
 */
export async function writeReport(
  result: RunResult,
  { results, docs }: ReportFolders = FOLDERS,
): Promise<void> {
  mkdirSync(results, { recursive: true })
  const { mode } = result.header
  writeFileSync(`${results}/${mode}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
  if (mode === 'short') {
    console.log(`\n${reportText(result)}`)
    return
  }
  const plots = plotsOf(result)
  const pictures = `${docs}/performance`
  // What is no longer drawn must not stay.
  rmSync(pictures, { recursive: true, force: true })
  mkdirSync(pictures, { recursive: true })
  for (const { name, svg } of plots) writeFileSync(`${pictures}/${name}.svg`, svg)
  writeFileSync(`${docs}/performance.md`, reportPage(result, plots))
}
