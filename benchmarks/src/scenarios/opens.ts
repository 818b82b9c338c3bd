import { cpuNs } from '../measure/cpu.ts'
import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { allFollow } from '../measure/stage.ts'
import { createLab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { type SystemServer, startSystem } from '../systems/start.ts'
import { memoryOf } from './memory.ts'

const CONCURRENCY = 32
const FRAMEWORKS: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['plain node:http', 'better-sse', '@sse/core/node'],
  Express: ['plain Express', '@sse/express'],
  Koa: ['plain Koa', '@sse/koa'],
  Hono: ['plain Hono', 'hono', '@sse/hono'],
}

const METRICS: readonly Metric[] = [
  { id: 'cpu', title: 'CPU per open and close', unit: 'µs', better: 'less' },
  { id: 'extra', title: 'more than plain', unit: 'µs', better: 'less' },
  { id: 'growth', title: 'heap that stays, per open', unit: 'bytes', better: 'less' },
]

/** Connections that come and go: what each costs on top of the framework, and what it leaves behind. */
export async function opens(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const [each, rounds] = mode === 'short' ? [500, 3] : [1_000, 10]
  const names = mode === 'short' ? ['node:http'] : Object.keys(FRAMEWORKS)
  const lab = createLab()
  const results: ScenarioResult[] = []
  for (const framework of names) {
    const systems = FRAMEWORKS[framework] ?? []
    const servers = new Map<string, SystemServer>()
    const heapBefore = new Map<string, number>()
    for (const name of systems) servers.set(name, await startSystem(name, lab.counters))
    const churn = async (name: string): Promise<Figures> => {
      const server = servers.get(name) as SystemServer
      const cpuBefore = cpuNs(server.pids)
      const { badHttp, closed } = await lab.churn(server.port, each, { concurrency: CONCURRENCY })
      if (badHttp + closed > 0) throw new Error(`${name}: ${badHttp + closed} did not open`)
      await allFollow(server, 0)
      return { cpu: (cpuNs(server.pids) - cpuBefore) / 1_000 / each }
    }
    for (const name of systems) {
      await churn(name)
      heapBefore.set(name, (await memoryOf(servers.get(name) as SystemServer)).heap)
    }
    const figures = await inRounds(systems, rounds, churn)
    const plain = figures.get(systems[0] as string) as Figures[]
    for (const [name, ofRounds] of figures) {
      const { heap } = await memoryOf(servers.get(name) as SystemServer)
      // One more round than those that count.
      const growth = (heap - (heapBefore.get(name) as number)) / (each * (rounds + 1))
      const all = ofRounds.map(({ cpu = Number.NaN }, index) => ({
        cpu,
        extra: cpu - (plain[index]?.['cpu'] ?? Number.NaN),
        growth,
      }))
      figures.set(name, all)
    }
    for (const server of servers.values()) await server.stop()
    results.push({
      id: `opens-${framework.toLowerCase().replace(':', '-')}`,
      group: 'opens',
      title: `Opens and closes: ${(each * rounds).toLocaleString('en')} on ${framework}`,
      parameters: { opens: each * rounds, rounds, concurrency: CONCURRENCY },
      metrics: METRICS,
      baseline: systems[0] as string,
      rows: toRows(figures, METRICS, systems[0] as string),
      notes: [
        'Plain is the shortest streaming response of the framework. The ratio of what is more than that, and of what stays, says nothing.',
      ],
    })
  }
  await lab.stop()
  return results
}
