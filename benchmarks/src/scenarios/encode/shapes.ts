/** An event to encode. Its data is text, or what is to be sent as JSON. */
export interface BenchEvent {
  readonly event: string
  readonly id: string
  readonly data: unknown
}

/** What the data of the events looks like. */
export interface Shape {
  readonly id: string
  readonly title: string
  readonly bytes: number
  readonly kind: 'line' | 'lines' | 'json'
}

export const SHAPES: readonly Shape[] = [
  { id: 'line-20', title: '20 bytes in one line', bytes: 20, kind: 'line' },
  { id: 'line-200', title: '200 bytes in one line', bytes: 200, kind: 'line' },
  { id: 'line-16k', title: '16 KiB in one line', bytes: 16_384, kind: 'line' },
  { id: 'lines-200', title: '200 bytes in 5 lines', bytes: 200, kind: 'lines' },
  { id: 'lines-16k', title: '16 KiB in lines of 40 bytes', bytes: 16_384, kind: 'lines' },
  { id: 'json-200', title: 'an object of 200 bytes of JSON', bytes: 200, kind: 'json' },
]

const LINE_BYTES = 40
const FIRST_ID = 1_000_000

/** Makes events that all differ, so that nothing can be computed once for all of them. */
export function makeEvents(shape: Shape, count: number): BenchEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const id = flat(String(FIRST_ID + index))
    return { event: 'token', id, data: dataOf(shape, id) }
  })
}

function dataOf({ bytes, kind }: Shape, id: string): unknown {
  if (kind === 'line') return flat(id.padEnd(bytes, 'x'))
  if (kind === 'lines') return flat(lines(id, bytes))
  const rest = bytes - JSON.stringify({ n: Number(id), text: '', done: false }).length
  return { n: Number(id), text: flat('x'.repeat(rest)), done: false }
}

// The last line does not end: some drop an empty one after it, and that is another matter.
function lines(id: string, bytes: number): string {
  let text = ''
  while (text.length + LINE_BYTES < bytes) text += `${id.padEnd(LINE_BYTES - 1, 'x')}\n`
  return text.padEnd(bytes, 'x')
}

// What arrives from a database or a model is no rope of concatenated pieces.
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}
