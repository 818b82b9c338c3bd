import { countEvents } from '../measure/count-events.ts'
import { cpuNs } from '../measure/cpu.ts'
import { rowOf, spread } from '../measure/spread.ts'
import { type Child, startChild } from '../measure/start-child.ts'
import { pin } from '../native/pin.ts'
import type { ScenarioResult } from '../report/result.ts'
import { BASELINE, type OneStreamSystem, SYSTEMS } from '../systems/one-stream/systems.ts'
import { MARK, type OneStreamSettings } from '../systems/one-stream/tokens.ts'

/** How much is measured. */
export interface OneStreamOptions {
  readonly events: number
  readonly rounds: number
  /** All, if left out. */
  readonly systems?: readonly string[]
}

const OPTIONS: Readonly<Record<'short' | 'full', OneStreamOptions>> = {
  short: { events: 40_000, rounds: 6 },
  full: { events: 200_000, rounds: 12 },
}
const WARM_UP_ROUNDS = 2
const SERVER_CORE = 0
const CLIENT_CORE = 1
const METRICS = [
  { id: 'cpu', title: 'CPU per event', unit: 'µs', better: 'less' },
  { id: 'rate', title: 'events per second', unit: '1/s', better: 'more' },
] as const

type Figures = Record<(typeof METRICS)[number]['id'] | 'client', number[]>

/** One stream, from a generator to the socket, as fast as it goes. */
export async function oneStream(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const options = OPTIONS[mode]
  const figures = await measureOneStream(options)
  const rows = [...figures].map(([system, { cpu, rate }]) =>
    rowOf(system, { cpu, rate }, figures.get(BASELINE) as Figures),
  )
  const client = spread((figures.get(BASELINE) as Figures).client).median
  return [
    {
      id: 'one-stream',
      group: 'one-stream',
      title: 'One stream, from a generator to the socket',
      parameters: { events: options.events, 'bytes of data': 200, rounds: options.rounds },
      metrics: METRICS,
      baseline: BASELINE,
      rows,
      notes: [
        'Raw is what people write by hand: a generator, a template, `res.write`, and `drain` heeded.',
        'CPU is that of all threads of the server. The client counts events and does nothing else; that all arrived, up to the last id, is checked in each round.',
        `Next to the baseline, the client takes ${client.toFixed(2)} µs of CPU per event, on a core of its own.`,
        'better-sse has no back-pressure: `push` puts all events into memory. Its `iterate` makes random ids.',
        'graphql-sse sends the results of a subscription: JSON, one event type, and no ids. It waits for each write; a tenth of the events is enough to see that.',
      ],
    },
  ]
}

/** Measures all in rounds: what a round measured of each stands at the same index. */
export async function measureOneStream(
  options: OneStreamOptions,
): Promise<ReadonlyMap<string, Figures>> {
  const systems = SYSTEMS.filter(({ system }) => options.systems?.includes(system) ?? true)
  const children = new Map<OneStreamSystem, Child<number>>()
  const figures = new Map<string, Figures>()
  try {
    for (const one of systems) {
      children.set(one, await startServer(one, eventsOf(one, options)))
      figures.set(one.system, { cpu: [], rate: [], client: [] })
    }
    pin(process.pid, CLIENT_CORE)
    for (let round = -WARM_UP_ROUNDS; round < options.rounds; round += 1) {
      for (let turn = 0; turn < systems.length; turn += 1) {
        const at = (turn + round + WARM_UP_ROUNDS) % systems.length
        const one = systems[at] as OneStreamSystem
        const found = await runOnce(one, children.get(one) as Child<number>, eventsOf(one, options))
        if (round < 0) continue
        for (const [name, value] of Object.entries(found)) {
          figures.get(one.system)?.[name as keyof Figures].push(value)
        }
      }
    }
  } finally {
    pin(process.pid, 'any')
    await Promise.all([...children.values()].map((child) => child.stop()))
  }
  return figures
}

function eventsOf({ part = 1 }: OneStreamSystem, { events }: OneStreamOptions): number {
  return Math.round(events * part)
}

async function startServer({ system }: OneStreamSystem, events: number): Promise<Child<number>> {
  const settings: OneStreamSettings = { system, events }
  const module = new URL('../systems/one-stream/server.ts', import.meta.url)
  const child = await startChild<number>(module, settings)
  pin(child.pid, SERVER_CORE)
  return child
}

async function runOnce(
  { system, path = '/', hasIds = true }: OneStreamSystem,
  child: Child<number>,
  events: number,
): Promise<Record<keyof Figures, number>> {
  const ownBefore = process.cpuUsage()
  const before = cpuNs([child.pid]) / 1_000
  const startedAt = performance.now()
  const { marks, tail } = await countEvents(child.message, path, MARK)
  const seconds = (performance.now() - startedAt) / 1e3
  const cpu = (cpuNs([child.pid]) / 1_000 - before) / events
  const own = process.cpuUsage(ownBefore)
  if (marks !== events) throw new Error(`${system}: ${marks} of ${events} events arrived`)
  if (hasIds && lastId(tail) !== events - 1) {
    throw new Error(`${system}: the last id is ${lastId(tail)}`)
  }
  return { cpu, rate: events / seconds, client: (own.user + own.system) / events }
}

function lastId(tail: string): number {
  return Number([...tail.matchAll(/^id: ?(\d+)$/gm)].at(-1)?.[1])
}
