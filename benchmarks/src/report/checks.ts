import { formatNumber, formatPercent } from './format.ts'
import type { Metric, Row, RunResult, ScenarioResult } from './result.ts'
import { factorOf, isOurs, isPeer, medianOf, ranked } from './systems.ts'

/** What was found of one part of a goal. */
export interface Check {
  readonly text: string
  readonly isMet: boolean
}

/** A part of a goal. Nothing, if this run did not measure it. */
export type CheckOf = (run: RunResult) => Check | undefined

interface Ours {
  readonly scenario: ScenarioResult
  readonly metric: Metric
  /** From the best to the worst. */
  readonly rows: readonly Row[]
}

/** All of ours stay within a ratio to the baseline: at most so much, or at least. */
export function ratio(id: string, metricId: string, bound: number, isShare = false): CheckOf {
  return withOurs(id, metricId, ({ scenario, metric, rows }) => {
    const ratios = rows.map((row) => row.ratios[metricId]?.median ?? Number.NaN)
    const shown = rangeOf(ratios, isShare ? formatPercent : (value) => `× ${formatNumber(value)}`)
    return {
      text: `${shown} of ${scenario.baseline}${sizeOf(scenario)}`,
      isMet: ratios.every((value) => isWithin(value, bound, metric)),
    }
  })
}

/** One of ours stays within a ratio to the baseline. */
export function ratioOf(system: string, id: string, metricId: string, bound: number): CheckOf {
  return withOurs(id, metricId, ({ scenario, metric, rows }) => {
    const found = rows.find((row) => row.system === system)?.ratios[metricId]?.median
    if (found === undefined) return undefined
    const text = `${metric.title} × ${formatNumber(found)} of ${scenario.baseline}, ${scenario.id.replace(/^.*-/, '')}`
    return { text, isMet: isWithin(found, bound, metric) }
  })
}

/** All of ours stay within a value. */
export function value(id: string, metricId: string, bound: number): CheckOf {
  return withOurs(id, metricId, ({ scenario, metric, rows }) => {
    const values = rows.map((row) => medianOf(row, metricId))
    return {
      text: `${metric.title}: ${rangeOf(values)}${metric.unit === '' ? '' : ` ${metric.unit}`}${sizeOf(scenario)}`,
      isMet: values.every((found) => isWithin(found, bound, metric)),
    }
  })
}

/** All of ours take at most so much more than the baseline. */
export function moreThanBaseline(id: string, metricId: string, bound: number): CheckOf {
  return withOurs(id, metricId, ({ scenario, metric, rows }) => {
    const base = scenario.rows.find(({ system }) => system === scenario.baseline)
    const extra = rows.map(
      (row) => medianOf(row, metricId) - (base ? medianOf(base, metricId) : Number.NaN),
    )
    return {
      text: `${rangeOf(extra)} ${metric.unit} more than ${scenario.baseline}`,
      isMet: extra.every((found) => found <= bound),
    }
  })
}

/** Even the worst of ours is so many times better than a peer, or than the best of them (`any`). */
export function timesBetter(id: string, metricId: string, peer: string, bound: number): CheckOf {
  return withOurs(id, metricId, ({ scenario, metric, rows }) => {
    const peers = scenario.rows.filter((row) => isPeer(row.system, scenario))
    const [other] = ranked(
      peer === 'any' ? peers : peers.filter(({ system }) => system === peer),
      metric,
    )
    if (other === undefined) return undefined
    const factors = rows.map((row) => factorOf(row, other, metric))
    return {
      text: `${rangeOf(factors)} times better than ${other.system}${sizeOf(scenario)}`,
      isMet: factors.every((factor) => factor >= bound),
    }
  })
}

/**
 * What many connections cost, to what few cost, for each of ours.
 *
 * @param isToBaseline - Next to what becomes of the baseline, which the machine slows down as well.
 */
export function growth(
  fewId: string,
  manyId: string,
  metricId: string,
  bound: number,
  isToBaseline = false,
): CheckOf {
  const costOf = (row: Row): number =>
    isToBaseline ? (row.ratios[metricId]?.median ?? Number.NaN) : medianOf(row, metricId)
  return (run) => {
    const few = run.scenarios.find(({ id }) => id === fewId)
    return withOurs(manyId, metricId, ({ scenario, rows }) => {
      const factors = rows.flatMap((row) => {
        const before = few?.rows.find(({ system }) => system === row.system)
        return before === undefined ? [] : [costOf(row) / costOf(before)]
      })
      if (factors.length === 0) return undefined
      const text = `× ${rangeOf(factors)}${isToBaseline ? ` of that of ${scenario.baseline}` : ''}`
      return { text, isMet: factors.every((factor) => factor <= bound) }
    })(run)
  }
}

function withOurs(
  scenarioId: string,
  metricId: string,
  check: (ours: Ours) => Check | undefined,
): CheckOf {
  return ({ scenarios }) => {
    const scenario = scenarios.find(({ id }) => id === scenarioId)
    const metric = scenario?.metrics.find(({ id }) => id === metricId)
    if (scenario === undefined || metric === undefined) return undefined
    const rows = ranked(
      scenario.rows.filter(({ system }) => isOurs(system)),
      metric,
    )
    return rows.length === 0 ? undefined : check({ scenario, metric, rows })
  }
}

function isWithin(found: number, bound: number, { better }: Metric): boolean {
  return better === 'less' ? found <= bound : found >= bound
}

function rangeOf(
  values: readonly number[],
  format: (value: number) => string = formatNumber,
): string {
  const sorted = [...values].sort((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)] as [number, number]
  return format(least) === format(most) ? format(least) : `${format(least)} to ${format(most)}`
}

function sizeOf({ parameters }: ScenarioResult): string {
  const connections = parameters['connections']
  return typeof connections === 'number' ? ` at ${formatNumber(connections)}` : ''
}
