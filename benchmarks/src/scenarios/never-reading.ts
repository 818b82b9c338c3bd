import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { allFollow } from '../measure/stage.ts'
import { createLab, type Lab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { startSystem } from '../systems/start.ts'
import { memoryOf } from './memory.ts'

const DROPPING = '@sse/core/node, drop-oldest'
const NAMES = [
  'raw',
  'better-sse',
  'koa PassThrough',
  '@fastify/sse',
  'h3',
  'hono',
  '@sse/core/node',
  DROPPING,
]
const PER_SECOND = 10_000
const DATA_BYTES = 100
const SECONDS = 8
// The kernel takes some megabytes for a connection that is not read, and then nothing more.
const RECEIVE_BYTES = 4_096

const METRICS: readonly Metric[] = [
  { id: 'growth', title: 'heap that it costs', unit: 'MB', better: 'less' },
  { id: 'rss', title: 'RSS that it costs', unit: 'MB', better: 'less' },
]

/** One client that is connected, and never reads. */
export async function neverReading(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  if (mode === 'short') return []
  const lab = createLab()
  const figures = await inRounds(NAMES, 1, (name) => measure(lab, name), 0)
  await lab.stop()
  return [
    {
      id: 'never-reading',
      group: 'never-reading',
      title: `A client that never reads: ${PER_SECOND.toLocaleString('en')} events a second, ${DATA_BYTES} bytes, ${SECONDS} s`,
      parameters: { perSecond: PER_SECOND, dataBytes: DATA_BYTES, seconds: SECONDS },
      metrics: METRICS,
      baseline: 'raw',
      rows: toRows(figures, METRICS, 'raw'),
      notes: [
        'Heap and what V8 counts as external, after a collection, less what was there before; the connection is still there, where the server did not end it.',
        'By itself a channel of `@sse` ends such a stream, and with `drop-oldest` it keeps it.',
      ],
    },
  ]
}

async function measure(lab: Lab, name: string): Promise<Figures> {
  const server =
    name === DROPPING
      ? await startSystem('@sse/core/node', lab.counters, { overflow: 'drop-oldest' })
      : await startSystem(name, lab.counters)
  // Publishes as much to a client that reads first: what is made once does not count.
  const reader = await lab.open(server.port, 1)
  await allFollow(server, 1)
  reader.activate()
  const { last } = await server.rate({ perSecond: PER_SECOND, ms: 1_000, dataBytes: DATA_BYTES })
  await reader.wait(last)
  await reader.close()
  await allFollow(server, 0)
  const before = await memoryOf(server)
  const frozen = await lab.open(server.port, 1, { receiveBytes: RECEIVE_BYTES })
  lab.rest()
  await server.rate({ perSecond: PER_SECOND, ms: SECONDS * 1_000, dataBytes: DATA_BYTES })
  const after = await memoryOf(server)
  await frozen.close()
  await server.stop()
  return { growth: (after.heap - before.heap) / 1e6, rss: (after.rss - before.rss) / 1e6 }
}
