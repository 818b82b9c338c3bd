import type { Metric, Row, ScenarioResult } from './result.ts'

/** How busy something else was, and how many heartbeats were due, are neither good nor bad. */
const NEUTRAL = new Set(['reader', 'beats'])

export function isOurs(system: string): boolean {
  return system.startsWith('@sse/')
}

/** Those that somebody might use instead: neither ours, nor what all are compared with. */
export function isPeer(system: string, { baseline }: ScenarioResult): boolean {
  return !isOurs(system) && system !== baseline
}

export function comparedMetrics({ metrics }: ScenarioResult): Metric[] {
  return metrics.filter(({ id }) => !NEUTRAL.has(id))
}

export function medianOf(row: Row, metric: string): number {
  return row.values[metric]?.median ?? Number.NaN
}

/** The rows that have a figure, from the best to the worst. */
export function ranked(rows: readonly Row[], { id, better }: Metric): Row[] {
  const direction = better === 'less' ? 1 : -1
  return rows
    .filter((row) => Number.isFinite(medianOf(row, id)))
    .sort((a, b) => direction * (medianOf(a, id) - medianOf(b, id)))
}

/** One row in which somebody else is better than the best of ours. */
export interface BetterPeer {
  readonly scenario: ScenarioResult
  readonly metric: Metric
  readonly peer: Row
  readonly ours: Row
  /** How many times better. Infinity, where there is nothing to divide by. */
  readonly factor: number
}

/** Every row in which a peer is better than the best of ours, by its median. */
export function betterPeers(scenarios: readonly ScenarioResult[]): BetterPeer[] {
  return scenarios.flatMap((scenario) =>
    comparedMetrics(scenario).flatMap((metric) => {
      const [ours] = ranked(
        scenario.rows.filter(({ system }) => isOurs(system)),
        metric,
      )
      if (ours === undefined) return []
      const peers = scenario.rows.filter(({ system }) => isPeer(system, scenario))
      return ranked(peers, metric)
        .filter((peer) => isBetter(peer, ours, metric))
        .map((peer) => ({ scenario, metric, peer, ours, factor: factorOf(peer, ours, metric) }))
    }),
  )
}

/** How many times better `row` is than `other`. */
export function factorOf(row: Row, other: Row, { id, better }: Metric): number {
  const [value, reference] = [medianOf(row, id), medianOf(other, id)]
  return better === 'less' ? reference / value : value / reference
}

function isBetter(row: Row, other: Row, { id, better }: Metric): boolean {
  const [value, reference] = [medianOf(row, id), medianOf(other, id)]
  return better === 'less' ? value < reference : value > reference
}
