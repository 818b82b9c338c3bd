/** One run of the suite. */
export interface RunResult {
  readonly header: RunHeader
  readonly scenarios: readonly ScenarioResult[]
}
export interface RunHeader {
  readonly date: string
  readonly mode: 'short' | 'full'
  readonly command: string
  readonly cpu: string
  readonly cores: number
  readonly kernel: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
}
export interface Metric {
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly better: 'less' | 'more'
}
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}
export interface Row {
  readonly system: string /** By metric id. */
  readonly values: Readonly<
    Record<string, Spread>
  > /** To the baseline's value of the same round, by metric id. */
  readonly ratios: Readonly<Record<string, Spread>>
}
export interface ScenarioResult {
  readonly id: string
  readonly group: string
  readonly title: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly metrics: readonly Metric[]
  readonly baseline: string
  readonly rows: readonly Row[] /** Distributions for plots, by system: e.g. latency percentiles. */
  readonly curves?: Readonly<Record<string, readonly (readonly [number, number])[]>>
  readonly notes: readonly string[]
}
