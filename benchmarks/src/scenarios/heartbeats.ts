import { setTimeout as sleep } from 'node:timers/promises'
import { canOpenFiles } from '../load/open-files.ts'
import { cpuNs } from '../measure/cpu.ts'
import { type Figures, inRounds, spread, toRows } from '../measure/spread.ts'
import { allFollow } from '../measure/stage.ts'
import { createLab, type Lab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { startSystem } from '../systems/start.ts'

const CONNECTIONS = 10_000
const INTERVAL_MS = 2_000
const COUNTED_MS = 4 * INTERVAL_MS
const WATCHED_MS = 2 * INTERVAL_MS
const WATCHES = 3
const NAMES = ['raw', 'better-sse', '@fastify/sse', 'h3', 'hono', '@sse/core/node', '@sse/hono']

const METRICS: readonly Metric[] = [
  { id: 'stall', title: 'longest stall of the event loop', unit: 'ms', better: 'less' },
  { id: 'cpu', title: 'CPU per heartbeat', unit: 'µs', better: 'less' },
  { id: 'beats', title: 'heartbeats per connection', unit: '', better: 'more' },
]

/** Comments that keep silent connections open. */
export async function heartbeats(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  if (mode === 'short' || !canOpenFiles(CONNECTIONS)) return []
  const lab = createLab()
  const figures = await inRounds(NAMES, 1, (name) => measure(lab, name), 0)
  await lab.stop()
  return [
    {
      id: 'heartbeats',
      group: 'heartbeats',
      title: `Heartbeats: ${CONNECTIONS.toLocaleString('en')} connections, every ${INTERVAL_MS / 1_000} s`,
      parameters: { connections: CONNECTIONS, intervalMs: INTERVAL_MS },
      metrics: METRICS,
      baseline: 'raw',
      rows: toRows(figures, METRICS, 'raw'),
      notes: [
        `In ${COUNTED_MS / 1_000} s after an event that all were sent in the same moment. Those of \`@sse\` come when nothing was sent for so long, so that all are due at once; those of better-sse and @fastify/sse are timers since the connection was opened.`,
        `The longest stall in ${WATCHED_MS / 1_000} s, and of ${WATCHES} such the one in the middle: the machine stalls, too.`,
        'Raw, h3 and hono have none: one timer that walks all connections.',
      ],
    },
  ]
}

async function measure(lab: Lab, name: string): Promise<Figures> {
  const server = await startSystem(name, lab.counters, { heartbeatMs: INTERVAL_MS })
  const group = await lab.open(server.port, CONNECTIONS)
  await allFollow(server, CONNECTIONS)
  group.activate()
  const { last } = await server.ask({ kind: 'events', count: 1, dataBytes: 100 })
  await group.wait(last)
  // The garbage of ten thousand openings is no cost of heartbeats.
  await sleep(INTERVAL_MS)
  // Their CPU, and then the stalls: to watch the loop takes CPU time.
  await group.reset(0)
  const cpuBefore = cpuNs(server.pids)
  await sleep(COUNTED_MS)
  const cpu = cpuNs(server.pids) - cpuBefore
  const { comments, closed } = await group.stats()
  if (closed > 0) throw new Error(`${name}: ${closed} were closed`)
  const stalls: number[] = []
  for (let watch = 0; watch < WATCHES; watch += 1) {
    await server.ask({ kind: 'watch-loop' })
    await sleep(WATCHED_MS)
    const { value = Number.NaN } = await server.ask({ kind: 'loop-stall' })
    stalls.push(value)
  }
  await group.close()
  await server.stop()
  return {
    stall: spread(stalls).median,
    cpu: cpu / 1_000 / comments,
    beats: comments / CONNECTIONS,
  }
}
