import { SseError, show } from '../errors.ts'
import { isBinary, serialiseData, toJson } from './event-data.ts'
import type { EventInput, Serialize, ServerSentEvent } from './server-sent-event.ts'

// A browser sends the last event ID back in a request header, and servers refuse large headers:
// Node answers 431 above 16 KiB in all, which an EventSource never recovers from.
const MAX_ID_BYTES = 1024

const SHORT_ID = 24
const FIRST_PRINTABLE = 0x20

// Clients keep the reconnection time in a 32-bit timer; above this, several reconnect in a tight loop.
const MAX_RETRY_MS = 2_147_483_647

// CRLF first, or it would count twice.
const LINE_TERMINATOR = /\r\n|\r|\n/

// Nearly always the type of the next event, which then need not be read and put together again.
let lastType: string | undefined
let lastStart = startOf(lastType)

/**
 * Encodes one event in the event stream format.
 *
 * LF, CR and CRLF in `data` each count as one line end; every line becomes a `data` field of its
 * own, and clients join them with LF. `id` is written last, so that a client which commits ids
 * early does not skip an event that was cut. The block ends with the blank line that makes clients
 * dispatch it, unless it holds only `retry` or `comment`, which by the specification take effect
 * without one (a blank line on its own makes some clients dispatch an empty event).
 *
 * @param event - The event, or a string as the data of an event without a type.
 * @param serialize - Turns `data` that is not a string into text.
 * @defaultValue `serialize` is `JSON.stringify`.
 * @returns The encoded block. Concatenated blocks are an event stream.
 * @throws {@link SseError} `ERR_SSE_INVALID_FIELD` if `event` or `id` contains CR or LF, `id`
 * contains U+0000 or exceeds 1024 bytes, `retry` is not an integer from 0 to 2 147 483 647, or one
 * of them has the wrong type.
 * @throws {@link SseError} `ERR_SSE_INVALID_DATA` if `data` is binary, a promise, or cannot be
 * serialised (BigInt, cycles, functions).
 * @throws {@link SseError} `ERR_SSE_INVALID_EVENT` if the value has no property of an event.
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream}
 *
 * @example
 * ```ts
 * encodeEvent({ event: 'tick', id: '7', data: 'a\nb' })
 * // => 'event: tick\ndata: a\ndata: b\nid: 7\n\n'
 * ```
 *
 * @public
 */
export function encodeEvent(event: EventInput, serialize: Serialize = toJson): string {
  if (typeof event === 'string') return `data: ${linesOf(event)}\n\n`
  const { event: type, id, retry, data, comment } = assertEvent(event)
  let lead = comment === undefined ? '' : encodeComment(comment)
  if (retry !== undefined) lead += encodeRetry(retry)
  if (type === undefined && data === undefined) {
    return id === undefined ? lead : `${lead}id: ${assertId(id)}\n\n`
  }
  if (type !== lastType) {
    lastStart = startOf(type)
    lastType = type
  }
  const start = lead === '' ? lastStart : lead + lastStart
  // A block without data is not dispatched: a named event without data would never be seen.
  const lines = data === undefined ? '' : dataLinesOf(data, serialize)
  const end = id === undefined ? '\n\n' : `\nid: ${assertId(id)}\n\n`
  // In few pieces, because each of them costs again when the text becomes bytes.
  return start + lines + end
}

function dataLinesOf(data: unknown, serialize: Serialize): string {
  if (typeof data === 'string') return linesOf(data)
  const text = serialiseData(data, serialize)
  // There are no line ends in JSON that nobody indented.
  return serialize === toJson ? text : linesOf(text)
}

function startOf(type: string | undefined): string {
  if (type === undefined) return 'data: '
  // A template would be kept as its pieces, which each event would have to put together.
  return ['event: ', assertSingleLine('event', type), '\ndata: '].join('')
}

/**
 * Encodes a comment, which clients ignore. Each line of the text becomes a comment line; there is no
 * blank line at the end, so a comment never dispatches anything.
 *
 * @param text - Any text; `''` gives the shortest comment, `:`.
 * @returns The comment lines.
 * @throws {@link SseError} `ERR_SSE_INVALID_FIELD` if `text` is not a string.
 *
 * @example
 * ```ts
 * encodeComment('one\ntwo') // => ': one\n: two\n'
 * ```
 *
 * @public
 */
export function encodeComment(text: string): string {
  if (typeof text !== 'string') throw invalidField('comment', 'must be a string', text)
  if (text === '') return ':\n'
  return `: ${linesOf(text, ': ')}\n`
}

/**
 * Encodes a reconnection time. It takes effect as soon as the line was read, with no blank line.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_FIELD` if it is no integer from 0 to 2 147 483 647.
 */
export function encodeRetry(retry: number): string {
  if (!Number.isInteger(retry) || retry < 0 || retry > MAX_RETRY_MS) {
    throw invalidField(
      'retry',
      `must be an integer of milliseconds from 0 to ${MAX_RETRY_MS}`,
      retry,
    )
  }
  return `retry: ${retry}\n`
}

function assertEvent(value: unknown): ServerSentEvent {
  if (typeof value !== 'object' || value === null || isBinary(value)) throw invalidEvent(value)
  const event = value as ServerSentEvent
  const isEmpty =
    event.data === undefined &&
    event.event === undefined &&
    event.id === undefined &&
    event.comment === undefined &&
    event.retry === undefined
  if (isEmpty) throw invalidEvent(value)
  // `in` costs next to nothing, where `Object.keys` makes an array.
  for (const name in event) {
    // What is lost without a word is found late: `type` for `event`, say.
    const isKnown =
      name === 'data' || name === 'event' || name === 'id' || name === 'retry' || name === 'comment'
    if (isKnown || event[name as keyof ServerSentEvent] === undefined) continue
    if (Object.hasOwn(event, name)) throw unknownField(name, value)
  }
  return event
}

function invalidEvent(value: unknown): SseError {
  if (typeof value === 'object' && value !== null && 'data' in value) {
    return new SseError(
      'ERR_SSE_INVALID_EVENT',
      `\`data\` of an event that has nothing else must not be undefined, got ${show(value)}. Skip the event, or use null or ''.`,
    )
  }
  const fix = isBinary(value)
    ? 'Decode bytes first, for example with `.pipeThrough(new TextDecoderStream())`.'
    : 'To send a value as JSON, wrap it: `{ data: value }`.'
  return new SseError(
    'ERR_SSE_INVALID_EVENT',
    `An event must be a string or an object with at least one of \`data\`, \`event\`, \`id\`, \`retry\` and \`comment\` that is not undefined, got ${show(value)}. ${fix}`,
  )
}

function unknownField(name: string, value: unknown): SseError {
  return new SseError(
    'ERR_SSE_INVALID_EVENT',
    `An event must have no fields but \`data\`, \`event\`, \`id\`, \`retry\` and \`comment\`, got ${show(value)}. Put ${show(name)} into \`data\`, or use the right name: the event type is \`event\`.`,
  )
}

/** Text in which the name of the field follows each line end. */
function linesOf(text: string, name = 'data: '): string {
  if (text.includes('\r')) return text.split(LINE_TERMINATOR).join(`\n${name}`)
  // Most multi-line data has only LF; slices between `indexOf` cost half of what a split costs.
  let lines = ''
  let start = 0
  for (let end = text.indexOf('\n') + 1; end > 0; end = text.indexOf('\n', start) + 1) {
    lines += text.slice(start, end) + name
    start = end
  }
  return start === 0 ? text : lines + text.slice(start)
}

function assertSingleLine(field: 'event' | 'id', value: unknown): string {
  if (typeof value !== 'string') throw invalidField(field, 'must be a string', value)
  if (value.includes('\n') || value.includes('\r')) {
    const fix = field === 'id' ? '. Encode it, for example with `encodeURIComponent`.' : ''
    throw invalidField(
      field,
      'must not contain CR or LF, which would start another field',
      value,
      fix,
    )
  }
  return value
}

function assertId(value: unknown): string {
  if (typeof value !== 'string') {
    if (Number.isSafeInteger(value)) return String(value)
    throw invalidField(
      'id',
      'must be a string or a safe integer; for a bigint pass String(id)',
      value,
    )
  }
  if (isShortAndPlain(value)) return value
  const id = assertSingleLine('id', value)
  if (id.includes('\0')) {
    throw invalidField('id', 'must not contain U+0000, because clients ignore such an id', id)
  }
  // Each UTF-16 unit takes one to three bytes: only ids in between have to be measured.
  if (id.length * 3 > MAX_ID_BYTES && new TextEncoder().encode(id).length > MAX_ID_BYTES) {
    throw invalidField(
      'id',
      `must be at most ${MAX_ID_BYTES} bytes of UTF-8, because clients send it back in a header`,
      id,
    )
  }
  return id
}

/** Whether there is nothing to look for in an id: one loop instead of three searches, which costs less for short ones. */
function isShortAndPlain(id: string): boolean {
  const { length } = id
  if (length > SHORT_ID) return false
  for (let index = 0; index < length; index += 1) {
    if (id.charCodeAt(index) < FIRST_PRINTABLE) return false
  }
  return true
}

function invalidField(
  field: string,
  rule: string,
  value: unknown,
  fix = value === null ? '. Leave it out instead.' : '',
): SseError {
  return new SseError('ERR_SSE_INVALID_FIELD', `\`${field}\` ${rule}, got ${show(value)}${fix}`)
}
