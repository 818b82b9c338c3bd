// Runs the benchmarks: `npm run bench` in less than two minutes, `npm run bench:full` in half an hour.
//
//   node benchmarks/src/main.ts [--full] [--only group,group]
//
// `--full --only` measures these again, and keeps the others of the last full run.
//
// The method is in docs/performance.md: each system is a process of its own, all are alive at once and take turns in
// rounds whose order rotates, and a figure is only good as a ratio to the baseline's of the same round.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { progress } from './progress.ts'
import { createHeader } from './report/header.ts'
import type { RunHeader, RunResult, ScenarioResult } from './report/result.ts'
import { RESULTS, writeReport, writeResults } from './report/write-report.ts'
import { SCENARIOS } from './scenarios/index.ts'

const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const mode = values.full ? 'full' : 'short'
const names = values.only?.split(',') ?? Object.keys(SCENARIOS)
const unknown = names.filter((name) => !Object.hasOwn(SCENARIOS, name))
if (unknown.length > 0) {
  throw new Error(`No ${unknown.join(', ')}. There are: ${Object.keys(SCENARIOS).join(', ')}`)
}

const earlier = readEarlier()
const header = headerAfter(earlier)
const scenarios: ScenarioResult[] = []
const failed: string[] = []
for (const name of names) {
  const startedAt = performance.now()
  console.log(`${name} …`)
  try {
    scenarios.push(...((await SCENARIOS[name]?.(mode)) ?? []))
    progress('')
    console.log(`${name}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  } catch (error) {
    console.error(error)
    failed.push(name)
  }
  // After each of them: what took many minutes to measure is not lost when something fails, or is stopped.
  writeResults(runSoFar())
}
await writeReport(runSoFar())
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`)
// What failed may have left processes behind, which end with this one.
process.exit(failed.length > 0 ? 1 : 0)

/** With what was not measured again, of an earlier full run. */
function runSoFar(): RunResult {
  const isNew = ({ id }: ScenarioResult): boolean => scenarios.every((each) => each.id !== id)
  return { header, scenarios: [...(earlier?.scenarios.filter(isNew) ?? []), ...scenarios] }
}

function readEarlier(): RunResult | undefined {
  const file = `${RESULTS}/full.json`
  if (mode === 'short' || values.only === undefined || !existsSync(file)) return undefined
  return JSON.parse(readFileSync(file, 'utf8')) as RunResult
}

/** With the commands that measured what is kept. */
function headerAfter(before: RunResult | undefined): RunHeader {
  const own = createHeader(mode)
  return before === undefined
    ? own
    : { ...own, command: `${before.header.command}; ${own.command}` }
}
