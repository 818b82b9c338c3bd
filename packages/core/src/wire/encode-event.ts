import { SseError, show } from '../errors.ts'
import { isThenable, swallow } from '../thenable.ts'
import type { EventInput, Serialize, ServerSentEvent } from './server-sent-event.ts'

// A browser sends the last event ID back in a request header, and servers refuse large headers:
// Node answers 431 above 16 KiB in all, which an EventSource never recovers from.
const MAX_ID_BYTES = 1024

// Clients keep the reconnection time in a 32-bit timer; above this, several reconnect in a tight loop.
const MAX_RETRY_MS = 2_147_483_647

// CRLF first, or it would count twice.
const LINE_TERMINATOR = /\r\n|\r|\n/

const FIELDS: ReadonlySet<string> = new Set(['data', 'event', 'id', 'retry', 'comment'])

// Binary values that are no views. JSON would make `{}` of them.
const BINARY_TAG = /^\[object (?:ArrayBuffer|SharedArrayBuffer|Blob|File)\]$/

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
  if (typeof event === 'string') return `${encodeData(event)}\n`
  const { event: type, id, retry, data, comment } = assertEvent(event)
  let block = comment === undefined ? '' : encodeComment(comment)
  if (retry !== undefined) block += encodeRetry(retry)
  if (type === undefined && id === undefined && data === undefined) return block
  if (type !== undefined) block += `event: ${assertSingleLine('event', type)}\n`
  // A block without data is not dispatched: a named event without data would never be seen.
  if (data !== undefined) block += dataField(data, serialize)
  else if (type !== undefined) block += 'data: \n'
  if (id !== undefined) block += `id: ${assertId(id)}\n`
  return `${block}\n`
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
  if (isSingleLine(text)) return `: ${text}\n`
  return `: ${text.split(LINE_TERMINATOR).join('\n: ')}\n`
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
  for (const name of Object.keys(event)) {
    // What is lost without a word is found late: `type` for `event`, say.
    if (!FIELDS.has(name) && event[name as keyof ServerSentEvent] !== undefined) {
      throw unknownField(name, value)
    }
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

function dataField(data: unknown, serialize: Serialize): string {
  if (typeof data === 'string') return encodeData(data)
  return encodeData(serialiseData(data, serialize))
}

function encodeData(text: string): string {
  if (isSingleLine(text)) return `data: ${text}\n`
  if (text.includes('\r')) return `data: ${text.split(LINE_TERMINATOR).join('\ndata: ')}\n`
  return encodeLinesOfLf(text)
}

// Most multi-line data has only LF; slices between `indexOf` cost half of what a split costs.
function encodeLinesOfLf(text: string): string {
  let block = ''
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    block += `data: ${text.slice(start, end)}\n`
    start = end + 1
  }
  return `${block}data: ${text.slice(start)}\n`
}

function serialiseData(data: unknown, serialize: Serialize): string {
  if (isBinary(data)) {
    throw invalidData(
      'must be text, because event streams are UTF-8; encode it, for example as base64',
      data,
    )
  }
  if (isThenable(data)) {
    swallow(data)
    throw invalidData('must not be a promise; await it first', data)
  }
  let text: unknown
  try {
    text = serialize(data)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : show(cause)
    const fix = '. Convert it, or give a `serialize` that can.'
    throw invalidData(`cannot be serialised (${why})`, data, fix, { cause })
  }
  if (typeof text === 'string') return text
  swallow(text)
  if (serialize === toJson) {
    throw invalidData(`is a ${typeof data}, which JSON cannot hold`, data)
  }
  throw invalidData(`must serialise to a string, but the serialiser returned ${show(text)}`, data)
}

function toJson(data: unknown): string {
  // Undefined for functions and symbols, which `serialiseData` then refuses.
  return JSON.stringify(data) as string
}

function isBinary(data: unknown): boolean {
  return ArrayBuffer.isView(data) || BINARY_TAG.test(Object.prototype.toString.call(data))
}

function isSingleLine(text: string): boolean {
  return text.indexOf('\n') === -1 && text.indexOf('\r') === -1
}

function assertSingleLine(field: 'event' | 'id', value: unknown): string {
  if (typeof value !== 'string') throw invalidField(field, 'must be a string', value)
  if (!isSingleLine(value)) {
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
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string') {
    throw invalidField(
      'id',
      'must be a string or a safe integer; for a bigint pass String(id)',
      value,
    )
  }
  const id = assertSingleLine('id', value)
  if (id.includes('\0')) {
    throw invalidField('id', 'must not contain U+0000, because clients ignore such an id', id)
  }
  // Each UTF-16 unit takes one to three bytes: only ids in between have to be measured.
  if (id.length * 3 > MAX_ID_BYTES && new TextEncoder().encode(id).byteLength > MAX_ID_BYTES) {
    throw invalidField(
      'id',
      `must be at most ${MAX_ID_BYTES} bytes of UTF-8, because clients send it back in a header`,
      id,
    )
  }
  return id
}

function invalidField(
  field: string,
  rule: string,
  value: unknown,
  fix = value === null ? '. Leave it out instead.' : '',
): SseError {
  return new SseError('ERR_SSE_INVALID_FIELD', `\`${field}\` ${rule}, got ${show(value)}${fix}`)
}

function invalidData(rule: string, value: unknown, fix = '', options?: ErrorOptions): SseError {
  const message = `\`data\` ${rule}, got ${show(value)}${fix}`
  return new SseError('ERR_SSE_INVALID_DATA', message, options)
}
