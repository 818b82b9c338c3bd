import type { Metric } from '../report/result.ts'
import { cpuNs } from './cpu.ts'
import type { Figures } from './spread.ts'
import { assertDelivered, type Contender } from './stage.ts'

/** What is published in a window. */
export interface Burst {
  readonly perTick: number
  readonly dataBytes: number
  readonly isDistinct?: boolean
  readonly warmUpMs: number
  readonly windowMs: number
}

/** What {@link measureBurst} measures. */
export const BURST_METRICS: readonly Metric[] = [
  { id: 'cpu', title: 'CPU per delivery', unit: 'µs', better: 'less' },
  { id: 'rate', title: 'deliveries', unit: '/s', better: 'more' },
  { id: 'reader', title: 'reader busy', unit: '%', better: 'less' },
]

// How far a server may run ahead of the reader: as little as a kernel holds for a connection, and no more than any queue.
const MOST_BYTES_AHEAD = 131_072
// Of the slowest of them a single tick of 16 events for 10,000 connections takes some seconds.
const TIMEOUT_MS = 60_000

/** One window: publishes tick after tick, and ends when everything was delivered. */
export async function measureBurst(contender: Contender, burst: Burst): Promise<Figures> {
  contender.group.activate()
  await publish(contender, burst, burst.warmUpMs)
  return publish(contender, burst, burst.windowMs)
}

async function publish(
  { server, group }: Contender,
  { perTick, dataBytes, isDistinct = false }: Burst,
  ms: number,
): Promise<Figures> {
  await group.reset(dataBytes)
  const mostAhead = Math.max(2 * perTick, Math.ceil(MOST_BYTES_AHEAD / dataBytes))
  const cpuBefore = cpuNs(server.pids)
  const { published, last, startedNs } = await server.burst({
    ms,
    perTick,
    dataBytes,
    slot: group.slot,
    mostAhead,
    isDistinct,
  })
  const stats = await group.wait(last, TIMEOUT_MS)
  const cpu = cpuNs(server.pids) - cpuBefore
  const deliveries = published * group.count
  assertDelivered(server.name, stats, deliveries)
  const ns = stats.lastNs - startedNs
  return {
    cpu: cpu / 1_000 / deliveries,
    rate: deliveries / (ns / 1e9),
    reader: (100 * stats.busyNs) / ns,
  }
}
