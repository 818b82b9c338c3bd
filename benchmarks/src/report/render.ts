// Writes the report of the last full run again, without measuring: for work on the report itself.
import { readFileSync } from 'node:fs'
import type { RunResult } from './result.ts'
import { writeReport } from './write-report.ts'

const file = new URL('../../results/full.json', import.meta.url)
// What was no number is null in JSON, and is written as a dash all the same.
await writeReport(JSON.parse(readFileSync(file, 'utf8')) as RunResult)
