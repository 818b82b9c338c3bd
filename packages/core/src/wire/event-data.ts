import { SseError, show } from '../errors.ts'
import { isThenable, swallow } from '../thenable.ts'
import type { Serialize } from './server-sent-event.ts'

// Binary values that are no views. JSON would make `{}` of them.
const BINARY_TAG = /^\[object (?:(?:Shared)?ArrayBuffer|Blob|File)]$/

/** What serialises data where nothing else is given. */
export function toJson(data: unknown): string {
  // Undefined for functions and symbols, which `serialiseData` then refuses.
  return JSON.stringify(data) as string
}

export function isBinary(data: unknown): boolean {
  // Nearly all are plain: to ask them for their tag costs more than all other checks of an event.
  return (
    (data as object | null)?.constructor !== Object &&
    (ArrayBuffer.isView(data) || BINARY_TAG.test(Object.prototype.toString.call(data)))
  )
}

/**
 * Makes text of an event's data that is none.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_DATA` if that cannot be.
 */
export function serialiseData(data: unknown, serialize: Serialize): string {
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

function invalidData(rule: string, value: unknown, fix = '', options?: ErrorOptions): SseError {
  const message = `\`data\` ${rule}, got ${show(value)}${fix}`
  return new SseError('ERR_SSE_INVALID_DATA', message, options)
}
