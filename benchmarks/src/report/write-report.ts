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

/** Where the results of the last runs are. */
export const RESULTS: string = `${ROOT}benchmarks/results`

const FOLDERS: ReportFolders = { results: RESULTS, docs: `${ROOT}docs` }

/** Writes what was measured as JSON. */
export function writeResults(result: RunResult, folder: string = RESULTS): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${result.header.mode}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
}

/**
 * Writes what was measured as JSON. A full run also becomes the page on performance with its pictures; a short one
 * is printed.
 */
export async function writeReport(
  result: RunResult,
  { results, docs }: ReportFolders = FOLDERS,
): Promise<void> {
  writeResults(result, results)
  if (result.header.mode === 'short') {
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
