import { progress } from '../progress.ts'
import type { Metric, Row, Spread } from '../report/result.ts'
import { C } from '../systems/start.ts'

/** What one system did in one round, by metric. */
export type Figures = Readonly<Record<string, number>>

/** The median, the least and the most. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return {
    median: (low + high) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  }
}

/**
 * The rows of a table.
 *
 * @param rounds - By system, its figures in each round. Ratios are to those of the baseline in the same round.
 */
export function toRows(
  rounds: ReadonlyMap<string, readonly Figures[]>,
  metrics: readonly Metric[],
  baseline: string,
): Row[] {
  const base = rounds.get(baseline) ?? []
  return [...rounds].map(([system, figures]) => ({
    system,
    values: byMetric(metrics, (id) => figures.map((round) => round[id])),
    ratios: byMetric(metrics, (id) =>
      figures.map((round, index) => (round[id] as number) / (base[index]?.[id] ?? Number.NaN)),
    ),
  }))
}

// What was not measured, or could not be, is left out.
function byMetric(
  metrics: readonly Metric[],
  valuesOf: (id: string) => readonly (number | undefined)[],
): Readonly<Record<string, Spread>> {
  const entries = metrics.flatMap(({ id }) => {
    const values = valuesOf(id).filter((value) => Number.isFinite(value)) as number[]
    return values.length === 0 ? [] : [[id, spread(values)] as const]
  })
  return Object.fromEntries(entries)
}

/**
 * Measures all in rounds whose order rotates, so that whatever else the machine does hits all alike.
 *
 * A peer that fails is left out from then on; what is ours, and what all are compared with, must not.
 *
 * @param warmUp - Rounds ahead of them that do not count: they are for the compilers.
 */
export async function inRounds(
  names: readonly string[],
  count: number,
  measure: (name: string) => Promise<Figures>,
  warmUp = 1,
): Promise<Map<string, Figures[]>> {
  const rounds = new Map<string, Figures[]>(names.map((name) => [name, []]))
  for (let round = -warmUp; round < count; round += 1) {
    for (const [index] of names.entries()) {
      const name = names[(index + round + warmUp) % names.length] as string
      progress(`round ${round + 1} of ${count}, ${name}`)
      if (!rounds.has(name)) continue
      try {
        const figures = await measure(name)
        if (round >= 0) rounds.get(name)?.push(figures)
      } catch (error) {
        if (!isPeer(name)) throw error
        console.error(error)
        rounds.delete(name)
      }
    }
  }
  return rounds
}

/** What was measured in each round, by metric id. */
export type Rounds = Readonly<Record<string, readonly number[]>>

/** A row: each round is divided by what the baseline took in the same round. */
export function rowOf(system: string, rounds: Rounds, baseline: Rounds): Row {
  const values: Record<string, Spread> = {}
  const ratios: Record<string, Spread> = {}
  for (const [metric, figures] of Object.entries(rounds)) {
    values[metric] = spread(figures)
    ratios[metric] = spread(figures.map((figure, round) => figure / at(baseline[metric], round)))
  }
  return { system, values, ratios }
}

function at(figures: readonly number[] | undefined, round: number): number {
  return figures?.[round] ?? Number.NaN
}

function isPeer(name: string): boolean {
  return name !== C && name !== 'raw' && !name.startsWith('@sse/') && !name.startsWith('plain ')
}
