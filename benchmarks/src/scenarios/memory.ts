import { canOpenFiles } from '../load/open-files.ts'
import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { allFollow } from '../measure/stage.ts'
import { createLab, type Lab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { type SystemServer, startSystem } from '../systems/start.ts'
import { ALL } from './names.ts'

// They have no heap to be read, or run in another process.
const FOREIGN = ['C', 'nchan']
const ALONE = '@sse/core/node, no channel'
const FEW = ['raw', 'better-sse', '@sse/core/node', ALONE, '@sse/hono']
const WARM_UP_CONNECTIONS = 100

const METRICS: readonly Metric[] = [
  { id: 'heap', title: 'heap per connection', unit: 'KB', better: 'less' },
  { id: 'rss', title: 'RSS per connection', unit: 'KB', better: 'less' },
]

/** What an open connection costs that nothing is sent to. */
export async function memory(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const [connections, rounds] = mode === 'short' ? [2_000, 1] : [10_000, 1]
  const names = mode === 'short' ? FEW : [...ALL.filter((name) => !FOREIGN.includes(name)), ALONE]
  if (!canOpenFiles(connections)) return []
  const lab = createLab()
  const figures = await inRounds(names, rounds, (name) => measure(lab, name, connections), 0)
  await lab.stop()
  return [
    {
      id: 'memory',
      group: 'memory',
      title: `Memory: ${connections.toLocaleString('en')} idle connections`,
      parameters: { connections, rounds },
      metrics: METRICS,
      baseline: 'raw',
      rows: toRows(figures, METRICS, 'raw'),
      notes: [
        'After a collection, less what was there before. The heap includes what V8 counts as external.',
      ],
    },
  ]
}

async function measure(lab: Lab, name: string, connections: number): Promise<Figures> {
  const server =
    name === ALONE
      ? await startSystem('@sse/core/node', lab.counters, { isDistinct: true })
      : await startSystem(name, lab.counters)
  // What is made once, and stays.
  const first = await lab.open(server.port, WARM_UP_CONNECTIONS)
  await allFollow(server, WARM_UP_CONNECTIONS)
  await first.close()
  await allFollow(server, 0)
  const before = await memoryOf(server)
  const group = await lab.open(server.port, connections)
  await allFollow(server, connections)
  const after = await memoryOf(server)
  const { open } = await group.stats()
  await group.close()
  await server.stop()
  if (open !== connections) throw new Error(`${name}: ${open} of ${connections} are open`)
  return {
    heap: (after.heap - before.heap) / connections / 1_000,
    rss: (after.rss - before.rss) / connections / 1_000,
  }
}

/** Heap and RSS in bytes, after a collection. */
export async function memoryOf(server: SystemServer): Promise<{ heap: number; rss: number }> {
  const { memory: found } = await server.ask({ kind: 'memory' })
  if (found === undefined) throw new Error(`${server.name} does not say`)
  return { heap: found.heapUsed + found.external, rss: found.rss }
}
