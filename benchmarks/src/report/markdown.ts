import { formatNumber, formatSpread } from './format.ts'
import type { Metric, Row, ScenarioResult, Spread } from './result.ts'
import { isOurs } from './systems.ts'

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** The medians of a scenario with their spread, and the ratios to its baseline. */
export function scenarioTable({ metrics, baseline, rows }: ScenarioResult): string {
  const head = metrics.flatMap((metric) => [titleOf(metric), `to ${baseline}`])
  return table(
    ['system', ...head],
    rows.map((row) => [nameOf(row), ...metrics.flatMap(({ id }) => cellsOf(row, id))]),
  )
}

export function titleOf({ title, unit }: Metric): string {
  return unit === '' ? title : `${title}, ${unit}`
}

/** What was set, in one line. */
export function parametersOf({ parameters }: ScenarioResult): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
      return `${words}: ${typeof value === 'number' ? formatNumber(value) : value}`
    })
    .join(', ')
}

function nameOf({ system }: Row): string {
  return isOurs(system) ? `**${system}**` : system
}

function cellsOf({ values, ratios }: Row, metric: string): string[] {
  return [formatSpread(values[metric]), formatRatio(ratios[metric])]
}

function formatRatio(ratio: Spread | undefined): string {
  const text = formatSpread(ratio)
  return text === '–' ? text : text.replace(/^\S+/, (median) => `× ${median}`)
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
