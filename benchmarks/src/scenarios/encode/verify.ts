import { createParser } from 'eventsource-parser'
import { BASELINE, type Encoder } from './encoders.ts'
import { type BenchEvent, makeEvents, type Shape } from './shapes.ts'

const EVENTS = 16
const TEXT: Shape = { id: 'text', title: '', bytes: 0, kind: 'line' }
// What is rare, but must arrive: it is not measured, only told.
const RARE = {
  'CR as a line end': 'a\rb',
  'CRLF as a line end': 'a\r\nb',
  'a line end at the end': 'a\nb\n',
  'no data': '',
}

/** What is wrong with the bytes that an encoder makes, or undefined. A parser that is not ours reads them. */
export async function faultOf(encoder: Encoder, shape: Shape): Promise<string | undefined> {
  if (encoder.isJsonOnly && shape.kind === 'lines') return 'sends no lines: its data is always JSON'
  // The baseline handles no line ends: that is what it is for.
  if (encoder.system === BASELINE && shape.kind === 'lines') return undefined
  return firstFault(encoder, shape, makeEvents(shape, EVENTS))
}

/** Rare data that an encoder does not deliver as it was. */
export async function rareFaults(encoder: Encoder): Promise<string[]> {
  if (encoder.isJsonOnly || encoder.system === BASELINE) return []
  const faults: string[] = []
  for (const [name, data] of Object.entries(RARE)) {
    const wanted = data.replace(/\r\n?/g, '\n')
    const fault = await firstFault(encoder, TEXT, [{ event: 'token', id: '1', data }], wanted)
    if (fault !== undefined) faults.push(name)
  }
  return faults
}

async function firstFault(
  encoder: Encoder,
  shape: Shape,
  events: readonly BenchEvent[],
  wanted?: string,
): Promise<string | undefined> {
  const pieces: Uint8Array[] = []
  await encoder.make(shape, (bytes) => void pieces.push(bytes))(events)
  const received: { data: string; event?: string | undefined; id?: string | undefined }[] = []
  createParser({ onEvent: (event) => void received.push(event) }).feed(
    Buffer.concat(pieces).toString(),
  )
  if (received.length !== events.length)
    return `${received.length} of ${events.length} events arrived`
  for (const [index, { event, id, data }] of events.entries()) {
    const got = received[index]
    const isJson = typeof data !== 'string' || encoder.isJsonOnly
    if (got?.data !== (wanted ?? (isJson ? JSON.stringify(data) : data))) {
      return 'what arrived is not what was sent'
    }
    if (!encoder.isJsonOnly && (got?.event !== event || got.id !== id)) {
      return 'the event type or the id did not arrive'
    }
  }
  return undefined
}
