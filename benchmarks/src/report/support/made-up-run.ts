import type { Metric, Row, RunResult, ScenarioResult, Spread } from '../result.ts'

export const CPU: Metric = { id: 'cpu', title: 'CPU per delivery', unit: 'µs', better: 'less' }
export const RATE: Metric = { id: 'rate', title: 'deliveries', unit: '/s', better: 'more' }

const SPREAD = 0.1

export function around(median: number): Spread {
  return { median, least: median * (1 - SPREAD), most: median * (1 + SPREAD) }
}

/** A scenario in which each system has one figure for each metric. */
export function madeUpScenario(
  figures: Readonly<Record<string, readonly number[]>>,
  given: Partial<ScenarioResult> = {},
): ScenarioResult {
  const metrics = given.metrics ?? [CPU, RATE]
  const baseline = given.baseline ?? 'C'
  const rows = Object.entries(figures).map(([system, values]): Row => {
    const pairs = metrics.map(({ id }, index) => [id, index] as const)
    return {
      system,
      values: Object.fromEntries(pairs.map(([id, at]) => [id, around(values[at] as number)])),
      ratios: Object.fromEntries(
        pairs.map(([id, at]) => [
          id,
          around((values[at] as number) / (figures[baseline]?.[at] as number)),
        ]),
      ),
    }
  })
  return {
    id: 'fan-out-1000x1x100',
    group: 'fan-out',
    title: 'Fan-out: 1,000 connections',
    parameters: { connections: 1_000, perTick: 1 },
    metrics,
    baseline,
    rows,
    notes: [],
    ...given,
  }
}

const FAN_OUT = {
  C: [5, 1_000],
  raw: [10, 570],
  'better-sse': [13, 420],
  '@sse/core/node': [6, 810],
  '@sse/hono': [7, 790],
}

/** A run that has something for each plot. */
export function madeUpRun(mode: 'short' | 'full' = 'full'): RunResult {
  return {
    header: {
      date: '2026-11-26T00:00:00.000Z',
      mode,
      command: 'node benchmarks/src/main.ts --full',
      cpu: 'A processor | of some kind',
      cores: 2,
      kernel: 'Linux 6',
      node: 'v24.21.0',
      versions: { h3: '2.0.8' },
    },
    scenarios: [
      madeUpScenario(FAN_OUT, { id: 'fan-out-100x1x100' }),
      madeUpScenario(FAN_OUT),
      madeUpScenario(
        { ...FAN_OUT, '@sse/hono': [Number.NaN, Number.NaN] },
        { id: 'fan-out-10000x1x100' },
      ),
      madeUpScenario(FAN_OUT, {
        id: 'latency',
        group: 'latency',
        parameters: { connections: 1_000, perSecond: 20 },
        curves: {
          C: [
            [0, 0],
            [50, 3],
            [99, 7],
            [99.9, 9],
            [100, 12],
          ],
          '@sse/core/node': [
            [0, 1],
            [50, 4],
            [99, 9],
            [99.9, 11],
            [100, 15],
          ],
          broken: [[50, Number.NaN]],
        },
      }),
      madeUpScenario(FAN_OUT, { id: 'one-stream', group: 'one-stream', title: 'One stream' }),
      madeUpScenario(
        { raw: [4.7], '@sse/core/node': [5.5], h3: [15] },
        {
          id: 'memory',
          group: 'memory',
          title: 'Memory',
          baseline: 'raw',
          parameters: { connections: 10_000 },
          metrics: [{ id: 'heap', title: 'heap per connection', unit: 'KB', better: 'less' }],
        },
      ),
      madeUpScenario(
        { plain: [100], '@sse/core': [120], 'a <peer>': [2_000] },
        {
          id: 'encode-line-200',
          group: 'encode',
          title: 'Encode',
          baseline: 'plain',
          metrics: [{ id: 'ns', title: 'time per event', unit: 'ns', better: 'less' }],
          notes: ['a <peer> was not measured: it is wrong.'],
        },
      ),
    ],
  }
}
