import { SseError, show } from './errors.ts'
import { suggestOption } from './suggest-option.ts'
import { encodeEvent } from './wire/encode-event.ts'
import type { EventInput, Serialize } from './wire/server-sent-event.ts'

// The longest delay that timers of the platform can wait, and clients for a reconnection.
const MAX_MS = 2_147_483_647

const OFF = ', or 0 to turn it off'

/** Checks a value that is not `undefined`, and gives the one to use. */
export type Check = (name: string, value: unknown) => unknown

/** A wait that can be turned off. */
export const duration: Check = (name, value) =>
  value === false || value === Infinity
    ? 0
    : assertInteger(name, value, 0, MAX_MS, ` of milliseconds${OFF}`)

export const milliseconds: Check = (name, value) =>
  assertInteger(name, value, 0, MAX_MS, ' of milliseconds')

/** A number of things of which one at least must be allowed. */
export const count: Check = (name, value) =>
  value === Infinity
    ? value
    : assertInteger(name, value, 1, Number.MAX_SAFE_INTEGER, ', or Infinity')

/** A number of things of which none may be allowed. */
export const countOrNone: Check = (name, value) =>
  value === Infinity
    ? value
    : assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER, ', or Infinity')

/** A number of things, after which something happens that can be turned off. */
export const countOrOff: Check = (name, value) =>
  value === false || value === Infinity
    ? 0
    : assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER, OFF)

export const bytes: Check = (name, value) =>
  assertInteger(name, value, 1, Number.MAX_SAFE_INTEGER, ' of bytes')

export const isTrue: Check = (name, value) => {
  if (typeof value === 'boolean') return value
  throw invalidOption(name, 'must be true or false', value)
}

/** One of some words. */
export function oneOf(words: readonly string[]): Check {
  return (name, value) => {
    if (words.includes(value as string)) return value
    throw invalidOption(
      name,
      `must be one of ${words.map((word) => `'${word}'`).join(', ')}`,
      value,
    )
  }
}

/**
 * Checks every option that is there.
 *
 * @param what - What the options are called when they are no object.
 * @param prefix - What stands before their names in messages.
 * @param placeOf - Says where an option belongs that is not one of these.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function checkAll(
  what: string,
  prefix: string,
  checks: Readonly<Record<string, Check>>,
  options: object,
  placeOf: (name: string) => string = () => '',
): Record<string, unknown> {
  const checked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(assertObject(what, options))) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      const known = Object.keys(checks)
      const rule = `is not one of ${known.join(', ')}${placeOf(name) || suggestOption(name, known)}`
      throw invalidOption(`${prefix}${name}`, rule, value)
    }
    if (value !== undefined) checked[name] = check(`${prefix}${name}`, value)
  }
  return checked
}

/** @throws {@link SseError} `ERR_SSE_INVALID_OPTION` if options are no object. */
export function assertObject<Options extends object>(name: string, options: Options): Options {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options
  throw invalidOption(name, 'must be an object', options)
}

function assertInteger(
  name: string,
  value: unknown,
  least: number,
  most: number,
  unit: string,
): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number
  }
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw invalidOption(name, `must be an integer ${range}${unit}`, value)
}

export function assertFunction(name: string, value: unknown): unknown {
  if (typeof value === 'function') return value
  throw invalidOption(name, 'must be a function', value)
}

export function assertEvent(name: string, value: unknown): unknown {
  // With a `serialize` of its own, any data may be fine: that shows when it is sent.
  return assertPlainEvent(name, value, () => '')
}

/** An event that goes out with no `serialize` of anybody's. */
export function assertPlainEvent(name: string, value: unknown, serialize?: Serialize): unknown {
  try {
    encodeEvent(value as EventInput, serialize)
  } catch (cause) {
    const message = `\`${name}\` must be an event: ${(cause as Error).message}`
    throw new SseError('ERR_SSE_INVALID_OPTION', message, { cause })
  }
  return value
}

export function invalidOption(name: string, rule: string, value: unknown): SseError {
  return new SseError('ERR_SSE_INVALID_OPTION', `\`${name}\` ${rule}, got ${show(value)}`)
}
