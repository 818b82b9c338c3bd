// In the way of the outbox: the blocks of a turn are gathered as text, and made bytes in one go. To make bytes of each
// would hide in the cost of a Buffer what it costs to encode.
import { encodeEvent } from '@sse/core'
import { type BenchEvent, makeEvents, SHAPES } from '../scenarios/encode/shapes.ts'

/** By the id of a shape: for each round, the ratio to a template without any newline handling. */
export type EncodeRatios = Readonly<Record<string, readonly number[]>>

export interface EncodeCheckSettings {
  readonly shapes: readonly string[]
  readonly rounds: number
  readonly windowMs: number
}

const WARM_UP_ROUNDS = 5
const EVENTS = 64

const { shapes, rounds, windowMs } = JSON.parse(process.argv[2] ?? '') as EncodeCheckSettings
const ratios = SHAPES.filter(({ id }) => shapes.includes(id)).map((shape) => {
  const events = makeEvents(shape, EVENTS)
  const found: number[] = []
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    // In turns, so that neither is always the second.
    const first = round % 2 === 0 ? timeWindow(template, events) : undefined
    const ours = timeWindow(encodeEvent, events)
    const base = first ?? timeWindow(template, events)
    if (round >= 0) found.push(ours / base)
  }
  return [shape.id, found] as const
})
process.send?.(Object.fromEntries(ratios) satisfies EncodeRatios)

function template({ event, id, data }: BenchEvent): string {
  return `event: ${event}\ndata: ${data as string}\nid: ${id}\n\n`
}

/** @returns CPU time per batch. */
function timeWindow(encode: (event: BenchEvent) => string, events: readonly BenchEvent[]): number {
  const endAt = performance.now() + windowMs
  const cpuBefore = process.cpuUsage()
  let batches = 0
  let bytes = 0
  do {
    let text = ''
    for (const event of events) text += encode(event)
    bytes += Buffer.from(text).length
    batches += 1
  } while (performance.now() < endAt)
  const { user, system } = process.cpuUsage(cpuBefore)
  if (bytes === 0) throw new Error('Nothing was encoded')
  return (user + system) / batches
}
