// A process of its own, so that what other scenarios taught the compiler, and their garbage, change nothing.
import { ENCODERS, type Encode } from './encoders.ts'
import { makeEvents, SHAPES, type Shape } from './shapes.ts'
import { faultOf, rareFaults } from './verify.ts'

/** What is measured of one shape of data. */
export interface ShapeReport {
  readonly shape: string
  /** By system: ns of CPU time per event, one figure a round. */
  readonly rounds: Readonly<Record<string, readonly number[]>>
  /** By system: why it was not measured. */
  readonly left: Readonly<Record<string, string>>
}

export interface EncodeReport {
  readonly shapes: readonly ShapeReport[]
  /** By system: rare data that does not arrive as it was sent. */
  readonly rare: Readonly<Record<string, readonly string[]>>
}

export interface EncodeSettings {
  readonly rounds: number
  readonly windowMs: number
  /** All, if left out. */
  readonly shapes?: readonly string[]
  readonly systems?: readonly string[]
}

const WARM_UP_ROUNDS = 3
const EVENTS = 64
// A batch of long events takes as long as one of many short ones.
const LONG_EVENTS = 8
const LONG_BYTES = 4_096

const { rounds, windowMs, shapes, systems } = JSON.parse(process.argv[2] ?? '') as EncodeSettings
const encoders = ENCODERS.filter(({ system }) => systems?.includes(system) ?? true)
const report: EncodeReport = {
  shapes: [],
  rare: Object.fromEntries(
    await Promise.all(encoders.map(async (encoder) => [encoder.system, await rareFaults(encoder)])),
  ),
}
for (const shape of SHAPES) {
  if (shapes?.includes(shape.id) ?? true) {
    ;(report.shapes as ShapeReport[]).push(await measure(shape))
  }
}
process.send?.(report)

async function measure(shape: Shape): Promise<ShapeReport> {
  const encodes = new Map<string, Encode>()
  const left: Record<string, string> = {}
  const observed = { bytes: 0 }
  const take = (bytes: Uint8Array): void => {
    observed.bytes += bytes.length
  }
  for (const encoder of encoders) {
    const fault = await faultOf(encoder, shape)
    if (fault === undefined) encodes.set(encoder.system, encoder.make(shape, take))
    else left[encoder.system] = fault
  }
  const times = await inTurns([...encodes], shape)
  if (observed.bytes === 0) throw new Error('Nothing was encoded')
  return { shape: shape.id, rounds: times, left }
}

async function inTurns(
  encodes: readonly (readonly [string, Encode])[],
  shape: Shape,
): Promise<Record<string, number[]>> {
  const events = makeEvents(shape, shape.bytes > LONG_BYTES ? LONG_EVENTS : EVENTS)
  const times: Record<string, number[]> = Object.fromEntries(encodes.map(([name]) => [name, []]))
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (let turn = 0; turn < encodes.length; turn += 1) {
      const at = (turn + round + WARM_UP_ROUNDS) % encodes.length
      const [name, encode] = encodes[at] as (typeof encodes)[number]
      const time = await timeWindow(encode, events)
      if (round >= 0) times[name]?.push(time)
    }
  }
  return times
}

/** @returns ns of CPU time per event, of all threads: a collector that helps is no present. */
async function timeWindow(encode: Encode, events: Parameters<Encode>[0]): Promise<number> {
  const endAt = performance.now() + windowMs
  const cpuBefore = process.cpuUsage()
  let batches = 0
  do {
    const encoded = encode(events)
    // To wait costs: it must not be charged to those that give no promise.
    if (encoded !== undefined) await encoded
    batches += 1
  } while (performance.now() < endAt)
  const { user, system } = process.cpuUsage(cpuBefore)
  return ((user + system) * 1e3) / (batches * events.length)
}
