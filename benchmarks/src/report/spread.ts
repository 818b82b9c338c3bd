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

/** A row of one metric: each round is divided by what the baseline took in the same round. */
export function rowOf(
  system: string,
  metric: string,
  values: readonly number[],
  baseline: readonly number[],
): Row {
  const ratios = values.map((value, round) => value / (baseline[round] ?? Number.NaN))
  return {
    system,
    values: { [metric]: spreadOf(values) },
    ratios: { [metric]: spreadOf(ratios) },
  }
}
