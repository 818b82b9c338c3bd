import type { Row, Spread } from './result.ts'

/** The median of several rounds, and how far they were apart. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[middle],
  ]
  return {
    median: (low + high) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  }
}

/** What was measured in each round, by metric id. */
export type Rounds = Readonly<Record<string, readonly number[]>>

/** A row: each round is divided by what the baseline took in the same round. */
export function rowOf(system: string, rounds: Rounds, baseline: Rounds): Row {
  const values: Record<string, Spread> = {}
  const ratios: Record<string, Spread> = {}
  for (const [metric, figures] of Object.entries(rounds)) {
    values[metric] = spreadOf(figures)
    ratios[metric] = spreadOf(figures.map((figure, round) => figure / at(baseline[metric], round)))
  }
  return { system, values, ratios }
}

function at(figures: readonly number[] | undefined, round: number): number {
  return figures?.[round] ?? Number.NaN
}
