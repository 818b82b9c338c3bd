import { inRounds, spread, toRows } from '../measure/spread.ts'
import { assertDelivered, setStage } from '../measure/stage.ts'
import { createLab, type ReaderStats } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { C, runnable } from '../systems/start.ts'
import { ALL, FEW } from './names.ts'

const CONNECTIONS = 1_000
const PER_SECOND = 20
const DATA_BYTES = 100

const METRICS: readonly Metric[] = [
  { id: 'p50', title: 'latency, half of all', unit: 'ms', better: 'less' },
  { id: 'p99', title: 'latency, 99 %', unit: 'ms', better: 'less' },
]

type Curve = ReaderStats['curve']

/** How long an event is on its way while there is time enough: from when it was due until the client has it. */
export async function latency(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const { rounds, ms } = mode === 'short' ? { rounds: 2, ms: 500 } : { rounds: 25, ms: 1_000 }
  const lab = createLab()
  const names = runnable(mode === 'short' ? FEW : ALL)
  const stage = await setStage(lab, names, CONNECTIONS)
  const curves = new Map<string, Curve[]>(names.map((name) => [name, []]))
  const figures = await inRounds(names, rounds, async (name) => {
    const { server, group } = stage.contender(name)
    group.activate()
    await group.reset(DATA_BYTES)
    const { published, last } = await server.rate({
      perSecond: PER_SECOND,
      ms,
      dataBytes: DATA_BYTES,
    })
    const stats = await group.wait(last)
    assertDelivered(name, stats, published * CONNECTIONS)
    curves.get(name)?.push(stats.curve)
    return { p50: percentileMs(stats.curve, 50), p99: percentileMs(stats.curve, 99) }
  })
  await stage.stop()
  await lab.stop()
  const baseline = names.includes(C) ? C : 'raw'
  return [
    {
      id: 'latency',
      group: 'latency',
      title: `Latency: ${CONNECTIONS.toLocaleString('en')} connections, ${PER_SECOND} events a second, ${DATA_BYTES} bytes`,
      parameters: {
        connections: CONNECTIONS,
        perSecond: PER_SECOND,
        dataBytes: DATA_BYTES,
        rounds,
        ms,
      },
      metrics: METRICS,
      baseline,
      rows: toRows(figures, METRICS, baseline),
      curves: Object.fromEntries(
        [...curves].map(([name, ofRounds]) => [name, middleCurve(ofRounds)]),
      ),
      notes: ['The curves are percentiles and ms: of each percentile the median of the rounds.'],
    },
  ]
}

/** A percentile of a curve, which is in µs. */
export function percentileMs(curve: Curve, percent: number): number {
  return (curve.find(([at]) => at === percent)?.[1] ?? Number.NaN) / 1_000
}

// The first round was for the compilers.
function middleCurve([, ...curves]: readonly Curve[]): [number, number][] {
  const percents = curves[0]?.map(([percent]) => percent) ?? []
  return percents.map((percent) => [
    percent,
    spread(curves.map((curve) => percentileMs(curve, percent))).median,
  ])
}
