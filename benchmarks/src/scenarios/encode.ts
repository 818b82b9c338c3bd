import { rowOf } from '../measure/spread.ts'
import { runChild } from '../measure/start-child.ts'
import type { ScenarioResult } from '../report/result.ts'
import { BASELINE, ENCODERS } from './encode/encoders.ts'
import type { EncodeReport, EncodeSettings, ShapeReport } from './encode/measure.ts'
import { SHAPES } from './encode/shapes.ts'

const SETTINGS: Readonly<Record<'short' | 'full', EncodeSettings>> = {
  short: { rounds: 15, windowMs: 8 },
  full: { rounds: 60, windowMs: 15 },
}
const METRIC = { id: 'ns', title: 'CPU time per event', unit: 'ns', better: 'less' } as const

/** Encodes one event to bytes: to a string alone, V8 would only note what to concatenate later. */
export async function encode(mode: 'short' | 'full'): Promise<ScenarioResult[]> {
  const report = await measureEncoders(SETTINGS[mode])
  return report.shapes.map((shape) => resultOf(shape, report, SETTINGS[mode]))
}

/** Measures encoders in a process of its own. */
export function measureEncoders(settings: EncodeSettings): Promise<EncodeReport> {
  return runChild(new URL('encode/measure.ts', import.meta.url), settings)
}

function resultOf(
  { shape: id, rounds, left }: ShapeReport,
  { rare }: EncodeReport,
  settings: EncodeSettings,
): ScenarioResult {
  const shape = SHAPES.find((one) => one.id === id)
  const baseline = rounds[BASELINE] ?? []
  return {
    id: `encode-${id}`,
    group: 'encode',
    title: `Encode an event to bytes: ${shape?.title}`,
    parameters: { rounds: settings.rounds, 'ms in a round': settings.windowMs },
    metrics: [METRIC],
    baseline: BASELINE,
    rows: Object.entries(rounds).map(([system, values]) =>
      rowOf(system, { [METRIC.id]: values }, { [METRIC.id]: baseline }),
    ),
    notes: [
      ...Object.entries(left).map(([system, fault]) => `${system} was not measured: ${fault}.`),
      ...(id === SHAPES[0]?.id ? generalNotes(rare) : []),
    ],
  }
}

/** What holds for all shapes is said once. */
function generalNotes(rare: EncodeReport['rare']): string[] {
  return [
    'Each event has a type, an id and data. Every text is made bytes with `Buffer.from`, as the sink of ours for Node does with all events of a turn at once. What comes out is read by eventsource-parser and compared.',
    ...ENCODERS.map(({ system, way }) => `${system}: ${way}.`),
    ...Object.entries(rare)
      .filter(([, faults]) => faults.length > 0)
      .map(([system, faults]) => `${system} does not deliver ${faults.join(', ')} as it was sent.`),
  ]
}
