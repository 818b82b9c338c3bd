import { SseError, show } from './errors.ts'
import type {
  CloseOptions,
  LimitOptions,
  ResolvedCloseOptions,
  ResolvedLimit,
  ResolvedOptions,
  RouteOptions,
} from './options.ts'
import { suggestOption } from './suggest-option.ts'
import { encodeEvent } from './wire/encode-event.ts'
import { MASKED_ERROR } from './wire/masked-error.ts'
import type { EventInput, Serialize } from './wire/server-sent-event.ts'

// The longest delay that timers of the platform can wait, and clients for a reconnection.
const MAX_MS = 2_147_483_647

const DEFAULTS: ResolvedOptions<unknown> = {
  heartbeatMs: 15_000,
  sendTimeoutMs: 30_000,
  idleTimeoutMs: 0,
  maxDurationMs: 0,
  maxEvents: 0,
  maxBufferedBytes: 1_048_576,
  retryMs: undefined,
  completion: undefined,
  formatError: () => MASKED_ERROR,
  serialize: undefined,
  cleanupTimeoutMs: 5_000,
  onOpen: undefined,
  onEnd: undefined,
  onError: (error) => console.error(error),
  onReject: undefined,
}

const LIMIT_DEFAULTS: ResolvedLimit<unknown> = {
  maxConnections: Infinity,
  maxConnectionsPerKey: Infinity,
  key: undefined,
  maxQueued: 0,
  queueTimeoutMs: 10_000,
  retryAfterMs: 5_000,
  soft: false,
}

/** Checks a value that is not `undefined`, and gives the one to use. */
type Check = (name: string, value: unknown) => unknown

const OFF = ', or 0 to turn it off'
const duration: Check = (name, value) =>
  value === false || value === Infinity
    ? 0
    : assertInteger(name, value, 0, MAX_MS, ` of milliseconds${OFF}`)
const milliseconds: Check = (name, value) =>
  assertInteger(name, value, 0, MAX_MS, ' of milliseconds')
const count: Check = (name, value) =>
  value === Infinity
    ? value
    : assertInteger(name, value, 1, Number.MAX_SAFE_INTEGER, ', or Infinity')

const CHECKS: Readonly<Record<keyof ResolvedOptions<unknown> | 'limit', Check>> = {
  heartbeatMs: duration,
  sendTimeoutMs: duration,
  idleTimeoutMs: duration,
  maxDurationMs: duration,
  maxEvents: (name, value) =>
    value === false || value === Infinity
      ? 0
      : assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER, OFF),
  maxBufferedBytes: (name, value) =>
    assertInteger(name, value, 1, Number.MAX_SAFE_INTEGER, ' of bytes'),
  retryMs: milliseconds,
  completion: assertEvent,
  formatError: assertFunction,
  serialize: assertFunction,
  cleanupTimeoutMs: milliseconds,
  onOpen: assertFunction,
  onEnd: assertFunction,
  onError: assertFunction,
  onReject: assertFunction,
  limit: (_name, value) => value,
}

const LIMIT_CHECKS: Readonly<Record<keyof ResolvedLimit<unknown>, Check>> = {
  maxConnections: count,
  maxConnectionsPerKey: count,
  key: assertFunction,
  maxQueued: (name, value) =>
    value === Infinity
      ? value
      : assertInteger(name, value, 0, Number.MAX_SAFE_INTEGER, ', or Infinity'),
  queueTimeoutMs: duration,
  retryAfterMs: milliseconds,
  soft: (name, value) => {
    if (typeof value === 'boolean') return value
    throw invalidOption(name, 'must be true or false', value)
  },
}

const CLOSE_CHECKS: Readonly<Record<keyof ResolvedCloseOptions, Check>> = {
  graceMs: milliseconds,
  retryMs: milliseconds,
  event: assertPlainEvent,
}

const CLOSE_DEFAULTS: ResolvedCloseOptions = { graceMs: 5_000, retryMs: 3_000, event: undefined }

/**
 * Checks options and lays them over others.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function resolveOptions<Context>(
  options: RouteOptions<Context>,
  base: ResolvedOptions<Context> = DEFAULTS as ResolvedOptions<Context>,
): ResolvedOptions<Context> {
  const { limit, ...resolved } = checkAll('options', '', CHECKS, options)
  return { ...base, ...resolved }
}

/**
 * Checks a limit and fills in its defaults, or those of the limit that it adds to.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function resolveLimit<Context>(
  limit: LimitOptions<Context>,
  base: Partial<ResolvedLimit<Context>> = {},
): ResolvedLimit<Context> {
  const checked = checkAll('limit', 'limit.', LIMIT_CHECKS, limit)
  const resolved = { ...LIMIT_DEFAULTS, ...base, ...checked } as ResolvedLimit<Context>
  if (resolved.maxConnectionsPerKey !== Infinity && resolved.key === undefined) {
    throw new SseError(
      'ERR_SSE_INVALID_OPTION',
      '`limit.maxConnectionsPerKey` needs `limit.key`, a function that names the client of a request, got undefined',
    )
  }
  return resolved
}

/**
 * Checks the options of `close` and fills in the defaults.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function resolveCloseOptions(options: CloseOptions): ResolvedCloseOptions {
  return { ...CLOSE_DEFAULTS, ...checkAll('options', '', CLOSE_CHECKS, options) }
}

function checkAll(
  what: string,
  prefix: string,
  checks: Readonly<Record<string, Check>>,
  options: object,
): Record<string, unknown> {
  const checked: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(assertObject(what, options))) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      throw invalidOption(
        `${prefix}${name}`,
        `is not one of ${Object.keys(checks).join(', ')}${placeOf(name, checks) || suggestOption(name, Object.keys(checks))}`,
        value,
      )
    }
    if (value !== undefined) checked[name] = check(`${prefix}${name}`, value)
  }
  return checked
}

/** Where an option belongs that was given in the wrong place. */
function placeOf(name: string, checks: Readonly<Record<string, Check>>): string {
  if (checks !== LIMIT_CHECKS && Object.hasOwn(LIMIT_CHECKS, name)) return ': it belongs in `limit`'
  if (checks === LIMIT_CHECKS && Object.hasOwn(CHECKS, name)) return ': it belongs beside `limit`'
  if (checks === CHECKS && name === 'events') return ': it belongs to a `handler()`'
  if (checks === CHECKS && Object.hasOwn(CLOSE_CHECKS, name)) return ': it belongs to `close()`'
  return ''
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

function assertFunction(name: string, value: unknown): unknown {
  if (typeof value === 'function') return value
  throw invalidOption(name, 'must be a function', value)
}

function assertEvent(name: string, value: unknown): unknown {
  // With a `serialize` of its own, any data may be fine: that shows when it is sent.
  return assertPlainEvent(name, value, () => '')
}

/** An event that goes out with no `serialize` of anybody's. */
function assertPlainEvent(name: string, value: unknown, serialize?: Serialize): unknown {
  try {
    encodeEvent(value as EventInput, serialize)
  } catch (cause) {
    const message = `\`${name}\` must be an event: ${(cause as Error).message}`
    throw new SseError('ERR_SSE_INVALID_OPTION', message, { cause })
  }
  return value
}

function invalidOption(name: string, rule: string, value: unknown): SseError {
  return new SseError('ERR_SSE_INVALID_OPTION', `\`${name}\` ${rule}, got ${show(value)}`)
}
