import {
  assertFunction,
  bytes,
  type Check,
  checkAll,
  count,
  duration,
  invalidOption,
  oneOf,
} from '../check-options.ts'
import type {
  ChannelOptions,
  PublishOptions,
  QueueOptions,
  ResolvedChannelOptions,
  ResolvedQueue,
  SubscribeOptions,
} from './channel-options.ts'
import type { Retention } from './memory-log.ts'
import { POLICIES } from './overflow.ts'

const NOTHING: Retention = { maxEvents: 0, maxBytes: 0, maxAgeMs: 0 }
const HISTORY_DEFAULTS: Retention = { maxEvents: 1_000, maxBytes: 1_048_576, maxAgeMs: 0 }
const QUEUE_DEFAULTS: ResolvedQueue = { maxEvents: 10_000, maxBytes: 1_048_576 }
const overflow = oneOf(Object.keys(POLICIES))
const text: Check = (name, value) => {
  if (typeof value === 'string') return value
  throw invalidOption(name, 'must be a string', value)
}

const HISTORY_CHECKS = { maxEvents: count, maxBytes: bytes, maxAgeMs: duration }
const QUEUE_CHECKS = { maxEvents: count, maxBytes: bytes }

const CHANNEL_CHECKS: Readonly<Record<keyof ChannelOptions, Check>> = {
  history: (_name, value) => checkAll('history', 'history.', HISTORY_CHECKS, value as object),
  overflow,
  queue: checkQueue,
  maxSubscribers: count,
  gapEvent: (name, value) => {
    if (!/[\r\n]/.test(text(name, value) as string)) return value
    throw invalidOption(name, 'must not contain CR or LF', value)
  },
  serialize: assertFunction,
  onGap: assertFunction,
}

const PUBLISH_CHECKS: Readonly<Record<keyof PublishOptions, Check>> = { key: text }

const SUBSCRIBE_CHECKS: Readonly<Record<keyof SubscribeOptions, Check>> = {
  filter: assertFunction,
  transform: assertFunction,
  key: text,
  overflow,
  queue: checkQueue,
  from: oneOf(['now', 'start']),
  lastEventId: text,
  signal: (name, value) => {
    if (value instanceof AbortSignal) return value
    throw invalidOption(name, 'must be an AbortSignal', value)
  },
}

/**
 * Checks the options of a channel and fills in the defaults.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function resolveChannelOptions(options: ChannelOptions): ResolvedChannelOptions {
  const { history, queue, ...checked } = checkAll('options', '', CHANNEL_CHECKS, options)
  return {
    overflow: 'disconnect',
    maxSubscribers: Infinity,
    gapEvent: 'gap',
    serialize: undefined,
    onGap: undefined,
    ...checked,
    retention: history === undefined ? NOTHING : { ...HISTORY_DEFAULTS, ...history },
    queue: { ...QUEUE_DEFAULTS, ...(queue as QueueOptions) } as ResolvedQueue,
  }
}

/**
 * Checks the options of a subscription. `queue` holds only what was given.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function checkSubscribeOptions<Events>(
  options: SubscribeOptions<Events>,
): SubscribeOptions<Events> {
  return checkAll('options', '', SUBSCRIBE_CHECKS, options) as SubscribeOptions<Events>
}

const NO_OPTIONS: PublishOptions = {}

/**
 * Checks the options of one event.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function checkPublishOptions(options: PublishOptions | undefined): PublishOptions {
  if (options === undefined) return NO_OPTIONS
  return checkAll('options', '', PUBLISH_CHECKS, options)
}

function checkQueue(_name: string, value: unknown): unknown {
  return checkAll('queue', 'queue.', QUEUE_CHECKS, value as object)
}
