import { cpuNs } from '../measure/cpu.ts'
import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { allFollow, assertDelivered } from '../measure/stage.ts'
import { createLab } from '../native/lab.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import { type SystemServer, startSystem } from '../systems/start.ts'

const CLIENTS = 1_000
const DATA_BYTES = 100

const METRICS: readonly Metric[] = [
  { id: 'cpu', title: 'CPU per replayed event', unit: 'µs', better: 'less' },
  { id: 'time', title: 'until all have all', unit: 'ms', better: 'less' },
  { id: 'reader', title: 'reader busy', unit: '%', better: 'less' },
]

interface Resumable {
  readonly server: SystemServer
  readonly lastEventId: string
  readonly last: number
}

/** Many clients come back at once, and each gets what it missed. */
export async function resume(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const full = ['raw', 'better-sse', '@sse/core/node', '@sse/express', '@sse/koa', '@sse/hono']
  const names = mode === 'short' ? ['raw', '@sse/core/node'] : full
  const [history, rounds] = mode === 'short' ? [200, 2] : [1_000, 5]
  const lab = createLab()
  const resumable = new Map<string, Resumable>()
  for (const name of names) {
    const server = await startSystem(name, lab.counters, { history })
    const { last } = await server.ask({ kind: 'events', count: history, dataBytes: DATA_BYTES })
    const { text = '' } = await server.ask({ kind: 'first-id' })
    resumable.set(name, { server, last, lastEventId: text })
  }
  const figures = await inRounds(names, rounds, async (name): Promise<Figures> => {
    const { server, last, lastEventId } = resumable.get(name) as Resumable
    const cpuBefore = cpuNs(server.pids)
    const startedNs = Number(process.hrtime.bigint())
    const group = await lab.open(server.port, CLIENTS, {
      concurrency: CLIENTS,
      lastEventId,
      from: last - history + 1,
      dataBytes: DATA_BYTES,
    })
    const stats = await group.wait(last)
    const events = (history - 1) * CLIENTS
    assertDelivered(name, stats, events)
    const cpu = cpuNs(server.pids) - cpuBefore
    await group.close()
    await allFollow(server, 0)
    const ns = stats.lastNs - startedNs
    return { cpu: cpu / 1_000 / events, time: ns / 1e6, reader: (100 * stats.busyNs) / ns }
  })
  for (const { server } of resumable.values()) await server.stop()
  await lab.stop()
  return [
    {
      id: 'resume',
      group: 'resume',
      title: `Resume: ${CLIENTS.toLocaleString('en')} clients come back at once, ${(history - 1).toLocaleString('en')} events for each`,
      parameters: { clients: CLIENTS, history, dataBytes: DATA_BYTES, rounds },
      metrics: METRICS,
      baseline: 'raw',
      rows: toRows(figures, METRICS, 'raw'),
      notes: [
        'Opening the connections is included. better-sse has no history: an array of events, and its event buffer. Raw: an array of encoded events, and `res.write` for each.',
      ],
    },
  ]
}
