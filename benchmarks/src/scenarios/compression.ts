import { cpuNs } from '../measure/cpu.ts'
import { type Figures, inRounds, toRows } from '../measure/spread.ts'
import { type Child, startChild } from '../measure/start-child.ts'
import { CORES, pin } from '../native/pin.ts'
import type { Metric, ScenarioResult } from '../report/result.ts'
import type { EventKind } from '../systems/compressed/events.ts'
import { openReaders, type Readers } from '../systems/compressed/readers.ts'
import type { Command, ServerReport, Way } from '../systems/compressed/server.ts'

const CONNECTIONS = 500
const EVERY_MS = 40
const BASELINE = 'not compressed'
const KINDS: readonly (readonly [EventKind, string])[] = [
  ['document', 'documents of 650 bytes'],
  ['chunk', 'chunks of an answer of 350 bytes'],
]
const WAYS: readonly Way[] = [
  BASELINE,
  'createGzip by hand',
  '@sse/core gzip, shared',
  '@sse/core gzip, shared, events isolated',
  '@sse/core gzip for each',
  '@sse/core br for each',
  '@sse/core zstd for each',
]
const FEW: readonly Way[] = [BASELINE, 'createGzip by hand', '@sse/core gzip, shared']

const METRICS: readonly Metric[] = [
  { id: 'cpu', title: 'CPU per delivery', unit: 'µs', better: 'less' },
  { id: 'bytes', title: 'bytes per delivery', unit: '', better: 'less' },
]

interface Contender {
  readonly child: Child<ServerReport>
  readonly readers: Readers
}

/** A channel whose streams are compressed, once for all or each by itself. */
export async function compression(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const [ways, kinds] = mode === 'short' ? [FEW, KINDS.slice(0, 1)] : [WAYS, KINDS]
  const [rounds, events] = mode === 'short' ? [2, 25] : [7, 40]
  const contenders = new Map<string, Contender>()
  for (const way of ways) contenders.set(way, await start(way))
  const results: ScenarioResult[] = []
  for (const [kind, title] of kinds) {
    const command: Command = { kind, events, everyMs: EVERY_MS }
    const figures = await inRounds(ways, rounds, (way) =>
      measure(way, contenders.get(way) as Contender, command),
    )
    results.push({
      id: `compression-${kind}`,
      group: 'compression',
      title: `Compression: ${CONNECTIONS} connections, ${title}`,
      parameters: { connections: CONNECTIONS, events, everyMs: EVERY_MS, rounds },
      metrics: METRICS,
      baseline: BASELINE,
      rows: toRows(figures, METRICS, BASELINE),
      notes: [
        'By hand: `createGzip` for each response, flushed after each event. For each: every stream has a filter of its own, so that nothing is shared. The client counts bytes, and decodes some of the streams to see that every event arrives.',
      ],
    })
  }
  for (const { child, readers } of contenders.values()) {
    readers.close()
    await child.stop()
  }
  return results
}

async function start(way: Way): Promise<Contender> {
  const child = await startChild<ServerReport>(
    new URL('../systems/compressed/server.ts', import.meta.url),
    { way },
  )
  pin(child.pid, CORES.server)
  const readers = await openReaders(child.message.port, CONNECTIONS, way !== BASELINE)
  return { child, readers }
}

async function measure(
  way: string,
  { child, readers }: Contender,
  command: Command,
): Promise<Figures> {
  readers.reset()
  const before = cpuNs([child.pid])
  const { subscribers } = await child.ask(command)
  await readers.wait(command.events)
  const deliveries = command.events * CONNECTIONS
  if (subscribers !== CONNECTIONS) throw new Error(`${way}: ${subscribers} are left`)
  return {
    cpu: (cpuNs([child.pid]) - before) / 1_000 / deliveries,
    bytes: readers.bytes() / deliveries,
  }
}
