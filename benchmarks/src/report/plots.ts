import { formatNumber, formatPercent } from './format.ts'
import type { Metric, Row, RunResult, ScenarioResult, Spread } from './result.ts'
import { type BarChart, type BarKind, barChart, type Panel } from './svg/bars.ts'
import { lineChart, type Series } from './svg/lines.ts'
import { isOurs, medianOf, ranked } from './systems.ts'

/** A picture of the report. */
export interface Plot {
  /** Its file, without the extension. */
  readonly name: string
  readonly alt: string
  /** The groups that it shows. */
  readonly groups: readonly string[]
  readonly svg: string
}

const FAN_OUT = /^fan-out-(?<connections>\d+)x1x100$/
// What is written by hand, in any language, is no library.
const BY_HAND = new Set(['C', 'raw', 'plain'])
const ENCODE_PANELS = [
  ['encode-line-200', '200 bytes, one line'],
  ['encode-lines-200', '200 bytes, 5 lines'],
  ['encode-lines-16k', '16 KiB, 410 lines'],
] as const
const SMALLEST_SHARE = 0.001

/** All that can be drawn of what was measured. */
export function plotsOf({ scenarios }: RunResult): Plot[] {
  const fanOut = scenarios
    .filter(({ id }) => FAN_OUT.test(id))
    .sort((a, b) => connectionsOf(a) - connectionsOf(b))
  const one = (id: string): ScenarioResult[] => scenarios.filter((scenario) => scenario.id === id)
  return [
    ...throughput(fanOut),
    ...cpuPerDelivery(fanOut),
    ...growth(fanOut),
    ...one('latency').flatMap(latency),
    ...one('memory').flatMap(memory),
    ...one('one-stream').flatMap(oneStream),
    ...encoding(scenarios),
  ]
}

function throughput(scenarios: readonly ScenarioResult[]): Plot[] {
  const panels = scenarios.map((scenario) => ({
    title: `${formatNumber(connectionsOf(scenario))} connections`,
    axis: `share of the deliveries per second of ${scenario.baseline}`,
    values: byName(scenario, (row) => row.ratios['rate']),
    format: formatPercent,
  }))
  const chart = {
    title: 'Fan-out: how many deliveries a second',
    subtitle: `One event of 100 bytes in a tick, to all connections. As a share of ${scenarios[0]?.baseline}, which does no more than write. More is better.`,
  }
  return bars('throughput', ['fan-out'], chart, scenarios, 'rate', panels)
}

function cpuPerDelivery(scenarios: readonly ScenarioResult[]): Plot[] {
  const panels = scenarios.map((scenario) => ({
    title: `${formatNumber(connectionsOf(scenario))} connections`,
    axis: 'CPU per delivery, µs',
    values: byName(scenario, (row) => row.values['cpu']),
  }))
  const chart = {
    title: 'Fan-out: what a delivery costs',
    subtitle:
      'CPU time of the server for one event on one connection, most of it the kernel’s. Less is better.',
  }
  return bars('cpu-per-delivery', ['fan-out'], chart, scenarios, 'cpu', panels)
}

function growth(scenarios: readonly ScenarioResult[]): Plot[] {
  if (scenarios.length < 2) return []
  const sizes = scenarios.map(connectionsOf)
  const [least = 1, most = 1] = [sizes[0], sizes.at(-1)]
  const first = scenarios[0] as ScenarioResult
  const series = first.rows.map(({ system }): Series => {
    const points = scenarios.flatMap((scenario) => {
      const cpu = rowOf(scenario, system)?.values['cpu']?.median
      return cpu === undefined || !Number.isFinite(cpu)
        ? []
        : [[connectionsOf(scenario), cpu] as const]
    })
    return { name: system, kind: kindOf(first, system), points }
  })
  const svg = lineChart({
    title: 'What more connections make of it',
    subtitle: 'CPU time per delivery, of an event of 100 bytes in a tick. A flat line is best.',
    x: {
      axis: 'connections',
      ticks: sizes.map((size) => ({ at: size, label: formatNumber(size) })),
      place: (size) => Math.log(size / least) / Math.log(most / least),
    },
    y: { axis: 'CPU per delivery, µs', isLogarithmic: false },
    series,
  })
  return [
    { name: 'growth', alt: 'Cost per delivery by number of connections', groups: ['fan-out'], svg },
  ]
}

function latency(scenario: ScenarioResult): Plot[] {
  const { curves = {}, parameters } = scenario
  const place = (percent: number): number =>
    -Math.log10(Math.max(1 - percent / 100, SMALLEST_SHARE))
  const end = place(99.9)
  const series = Object.entries(curves).map(([name, points]): Series => {
    const shown = points.filter(([percent, ms]) => percent <= 99.9 && Number.isFinite(ms) && ms > 0)
    return { name, kind: kindOf(scenario, name), points: shown }
  })
  if (series.every(({ points }) => points.length === 0)) return []
  const svg = lineChart({
    title: 'Latency: how long an event takes to reach each client',
    subtitle: `${formatNumber(Number(parameters['connections']))} connections, ${parameters['perSecond']} events a second for each. The names stand at 99.9 %. Less is better.`,
    x: {
      axis: 'share of all deliveries that took no longer, %',
      ticks: [0, 50, 90, 99, 99.9].map((at) => ({ at, label: String(at) })),
      place: (percent) => place(percent) / end,
    },
    y: { axis: 'latency, ms', isLogarithmic: true },
    series,
  })
  return [{ name: 'latency', alt: 'Latency by percentile', groups: ['latency'], svg }]
}

function memory(scenario: ScenarioResult): Plot[] {
  const panels = scenario.metrics.map(({ id, title, unit }) => ({
    title,
    axis: `${title}, ${unit}`,
    values: byName(scenario, (row) => row.values[id]),
  }))
  const connections = formatNumber(Number(scenario.parameters['connections']))
  const chart = {
    title: 'Memory: what an idle connection holds',
    subtitle: `${connections} connections on which nothing happens, after a collection. Less is better.`,
  }
  return bars('memory', ['memory'], chart, [scenario], 'heap', panels)
}

function oneStream(scenario: ScenarioResult): Plot[] {
  const panel = {
    title: '',
    axis: 'CPU per event, µs',
    values: byName(scenario, (row) => row.values['cpu']),
  }
  const chart = {
    title: 'One stream: what an event costs',
    subtitle:
      'CPU time of the server, from a generator that always has the next event to the socket. Less is better.',
  }
  return bars('one-stream', ['one-stream'], chart, [scenario], 'cpu', [panel])
}

function encoding(scenarios: readonly ScenarioResult[]): Plot[] {
  const found = ENCODE_PANELS.flatMap(([id, title]) =>
    scenarios.filter((scenario) => scenario.id === id).map((scenario) => ({ scenario, title })),
  )
  const panels = found.map(({ scenario, title }) => ({
    title,
    axis: 'CPU per event, ns',
    values: byName(scenario, (row) => row.values['ns']),
  }))
  const chart = {
    title: 'Encoding: what an event costs on its way to bytes',
    subtitle:
      'An event with a type, an id and data. Less is better. Not measured: those that do not deliver such data as it was.',
  }
  const all = found.map(({ scenario }) => scenario)
  return bars('encode', ['encode'], chart, all, 'ns', panels)
}

function bars(
  name: string,
  groups: readonly string[],
  chart: Pick<BarChart, 'title' | 'subtitle'>,
  scenarios: readonly ScenarioResult[],
  metric: string,
  panels: readonly Panel[],
): Plot[] {
  if (scenarios.length === 0) return []
  const names = orderedNames(scenarios, metric)
  return [{ name, alt: chart.title, groups, svg: barChart({ ...chart, names, panels }) }]
}

/** From the best to the worst of the last scenario, then those that are only in others. */
function orderedNames(scenarios: readonly ScenarioResult[], metric: string): BarChart['names'] {
  const names = new Map<string, BarKind>()
  for (const scenario of [...scenarios].reverse()) {
    const described = scenario.metrics.find(({ id }) => id === metric) as Metric
    for (const { system } of ranked(scenario.rows, described)) {
      if (!names.has(system)) names.set(system, kindOf(scenario, system))
    }
  }
  return [...names].map(([name, kind]) => ({ name, kind }))
}

function byName(
  { rows }: ScenarioResult,
  pick: (row: Row) => Spread | undefined,
): ReadonlyMap<string, Spread> {
  return new Map(
    rows.flatMap((row) => {
      const spread = pick(row)
      return spread === undefined ? [] : [[row.system, spread] as const]
    }),
  )
}

function kindOf({ baseline }: Pick<ScenarioResult, 'baseline'>, system: string): BarKind {
  if (isOurs(system)) return 'ours'
  return system === baseline || BY_HAND.has(system) ? 'base' : 'peer'
}

function rowOf({ rows }: ScenarioResult, system: string): Row | undefined {
  return rows.find((row) => row.system === system && Number.isFinite(medianOf(row, 'cpu')))
}

function connectionsOf({ id }: ScenarioResult): number {
  return Number(FAN_OUT.exec(id)?.groups?.['connections'])
}
