import { setTimeout as sleep } from 'node:timers/promises'
import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { setStage } from '../measure/stage.ts'
import { createLab, type Lab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { C, runnable } from '../systems/start.ts'
import { percentileMs } from './latency.ts'

const CONNECTIONS = 1_000
const DATA_BYTES = 100
const RATES = [100, 500]
const NAMES = [C, 'nchan', 'raw', 'better-sse', 'hono', '@sse/core/node', '@sse/hono']
// It takes half a minute for what is due in two seconds.
const TOO_MANY_FOR_HONO = 500
const WARM_UP = { perSecond: 100, ms: 300, dataBytes: DATA_BYTES }
const SECONDS = 2
// What comes later is not delivered in time; what comes later still counts for the latency.
const ON_TIME_MS = 100
const LATE_MS = 4_000
const ROUNDS = 2

const METRICS: readonly Metric[] = [
  { id: 'onTime', title: 'delivered in time', unit: '%', better: 'more' },
  { id: 'p99', title: 'latency from the due time, 99 %', unit: 'ms', better: 'less' },
]

/** More than most can send: what becomes of the events, and when. */
export async function overload(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  if (mode === 'short') return []
  const lab = createLab()
  const results: ScenarioResult[] = []
  for (const perSecond of RATES) results.push(await measureRate(lab, perSecond))
  await lab.stop()
  return results
}

async function measureRate(lab: Lab, perSecond: number): Promise<ScenarioResult> {
  const names = runnable(NAMES).filter((name) => perSecond < TOO_MANY_FOR_HONO || name !== 'hono')
  const figures = await inRounds(names, ROUNDS, (name) => measure(lab, name, perSecond), 0)
  const baseline = names.includes(C) ? C : 'raw'
  return {
    id: `overload-${perSecond}`,
    group: 'overload',
    title: `Overload: ${CONNECTIONS.toLocaleString('en')} connections, ${perSecond} events a second, ${DATA_BYTES} bytes`,
    parameters: {
      connections: CONNECTIONS,
      perSecond,
      dataBytes: DATA_BYTES,
      rounds: ROUNDS,
      seconds: SECONDS,
    },
    metrics: METRICS,
    baseline,
    rows: toRows(figures, METRICS, baseline),
    notes: [
      ...(names.includes('hono')
        ? []
        : ['Without `streamSSE` of Hono, which takes half a minute for it.']),
      `In time is what arrived until ${ON_TIME_MS} ms after the last event was due; the latency is of what arrived until ${LATE_MS / 1_000} s after.`,
      'Each system is started anew for each round, since what is left of an overload would be in the way.',
    ],
  }
}

async function measure(lab: Lab, name: string, perSecond: number): Promise<Figures> {
  const stage = await setStage(lab, [name], CONNECTIONS)
  const { server, group } = stage.contender(name)
  group.activate()
  await group.wait((await server.rate(WARM_UP)).last)
  await group.reset(DATA_BYTES)
  const expected = perSecond * SECONDS * CONNECTIONS
  const startedAt = performance.now()
  // It answers late, or much later, if it does not keep up.
  const publishing = server.rate({
    perSecond,
    ms: SECONDS * 1_000,
    dataBytes: DATA_BYTES,
    giveUpMs: LATE_MS,
  })
  await sleep(SECONDS * 1_000 + ON_TIME_MS - (performance.now() - startedAt))
  const { deliveries } = await group.stats()
  const { last } = await publishing
  const { curve, badOrder, badSize, closed } = await group.wait(last, LATE_MS)
  await stage.stop()
  if (badOrder + badSize + closed > 0) {
    throw new Error(`${name}: ${badOrder} out of order, ${badSize} not whole, ${closed} closed`)
  }
  return { onTime: (100 * deliveries) / expected, p99: percentileMs(curve, 99) }
}
