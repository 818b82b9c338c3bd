import type { RunHeader, RunResult, Spread } from './result.ts'

/** Prints a table for each scenario. */
export async function writeReport(
  { header, scenarios }: RunResult,
  mode: RunHeader['mode'],
): Promise<void> {
  console.log(
    `\nA ${mode} run. Node ${header.node}, ${header.cores} × ${header.cpu}, ${header.kernel}`,
  )
  for (const { title, metrics, baseline, rows, notes } of scenarios) {
    const heads = metrics.flatMap((metric) => [`${metric.title}, ${metric.unit}`, `to ${baseline}`])
    console.log(`\n### ${title}\n`)
    console.log(`| system | ${heads.join(' | ')} |\n|---${'|---'.repeat(heads.length)}|`)
    for (const { system, values, ratios } of rows) {
      const cells = metrics.flatMap(({ id }) => [show(values[id]), range(ratios[id])])
      console.log(`| ${system} | ${cells.join(' | ')} |`)
    }
    for (const note of notes) console.log(`\n${note}`)
  }
}

function show(value: Spread | undefined): string {
  if (value === undefined) return '–'
  const { median } = value
  return median >= 1_000
    ? Math.round(median).toLocaleString('en')
    : String(Number(median.toPrecision(3)))
}

function range(value: Spread | undefined): string {
  if (value === undefined) return '–'
  return `${value.median.toFixed(2)} (${value.least.toFixed(2)}–${value.most.toFixed(2)})`
}
