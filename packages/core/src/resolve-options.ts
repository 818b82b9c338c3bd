import {
  assertEvent,
  assertFunction,
  assertPlainEvent,
  bytes,
  type Check,
  checkAll,
  count,
  countOrNone,
  countOrOff,
  duration,
  isTrue,
  milliseconds,
} from './check-options.ts'
import { SseError } from './errors.ts'
import type {
  CloseOptions,
  LimitOptions,
  ResolvedCloseOptions,
  ResolvedLimit,
  ResolvedOptions,
  RouteOptions,
} from './options.ts'
import { logError } from './thenable.ts'
import { MASKED_ERROR } from './wire/masked-error.ts'

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
  compression: false,
  cleanupTimeoutMs: 5_000,
  onOpen: undefined,
  onEnd: undefined,
  onError: logError,
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

const CHECKS: Readonly<Record<keyof ResolvedOptions<unknown> | 'limit', Check>> = {
  heartbeatMs: duration,
  sendTimeoutMs: duration,
  idleTimeoutMs: duration,
  maxDurationMs: duration,
  maxEvents: countOrOff,
  maxBufferedBytes: bytes,
  retryMs: milliseconds,
  completion: assertEvent,
  formatError: assertFunction,
  serialize: assertFunction,
  compression: (name, value) => value && assertFunction(name, value),
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
  maxQueued: countOrNone,
  queueTimeoutMs: duration,
  retryAfterMs: milliseconds,
  soft: isTrue,
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
  const { limit, ...resolved } = checkAll('options', '', CHECKS, options, placeOf(CHECKS))
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
  const checked = checkAll('limit', 'limit.', LIMIT_CHECKS, limit, placeOf(LIMIT_CHECKS))
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

/** Where an option belongs that was given in the wrong place. */
function placeOf(checks: typeof CHECKS | typeof LIMIT_CHECKS): (name: string) => string {
  return (name) => {
    if (checks !== LIMIT_CHECKS && Object.hasOwn(LIMIT_CHECKS, name)) {
      return ': it belongs in `limit`'
    }
    if (checks === LIMIT_CHECKS && Object.hasOwn(CHECKS, name)) return ': it belongs beside `limit`'
    if (checks === CHECKS && name === 'events') return ': it belongs to a `handler()`'
    if (checks === CHECKS && Object.hasOwn(CLOSE_CHECKS, name)) return ': it belongs to `close()`'
    return ''
  }
}
