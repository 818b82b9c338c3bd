import {
  assertEvent,
  assertFunction,
  type Check,
  checkAll,
  count,
  duration,
  milliseconds,
} from '../check-options.ts'
import { logError } from '../thenable.ts'
import { MASKED_ERROR } from '../wire/masked-error.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import {
  type ChannelOptions,
  type HistoryOptions,
  type ResolvedChannelOptions,
} from './channel-options.ts'
import { resolveChannelOptions } from './resolve-channel-options.ts'

/**
 * How a run stands.
 *
 * - `running`: its source makes events.
 * - `completed`: its source ended by itself.
 * - `failed`: its source threw.
 * - `cancelled`: `cancel()` was called, or its viewers have left.
 *
 * @public
 */
export type RunStatus = 'running' | 'completed' | 'failed' | 'cancelled'

/**
 * Options of `createRuns`.
 *
 * @public
 */
export interface RunsOptions extends Pick<ChannelOptions, 'gapEvent' | 'onGap' | 'serialize'> {
  /**
   * How much is kept of each run. A viewer that comes when its beginning is gone is sent a gap event.
   * @defaultValue 100,000 events, 16 MiB, any age
   */
  history?: HistoryOptions | undefined
  /**
   * How long in ms a run that has ended is kept for viewers that come back.
   * @defaultValue `300_000`
   */
  keepMs?: number | undefined
  /**
   * How long in ms a run goes on after its last viewer has left, before it is cancelled; `0`: to its end. A run
   * that nobody has viewed yet goes on.
   * @defaultValue `0`
   */
  abandonMs?: number | false | undefined
  /**
   * The most runs at once, those that are only kept included. When there are more, those that ended first
   * go; if none has ended, `createRun` throws `ERR_SSE_LIMIT_REACHED`.
   * @defaultValue `10_000`
   */
  maxRuns?: number | undefined
  /** The event to add after the source ended by itself, such as `{ event: 'done' }`. */
  completion?: EventInput | undefined
  /**
   * The event to add when the source throws. `undefined` adds none.
   * @defaultValue an `error` event that says nothing about the error
   */
  formatError?: ((error: unknown) => EventInput | undefined) | undefined
  /**
   * Called with what a source throws. That it was cancelled is no error.
   * @defaultValue `console.error`
   */
  onError?: ((error: unknown, id: string) => void) | undefined
  /** Called once for each run, when it has ended. */
  onEnd?: ((status: Exclude<RunStatus, 'running'>, id: string) => void) | undefined
}

/** Options of runs with every default filled in. */
export interface ResolvedRunsOptions {
  readonly channel: ResolvedChannelOptions
  readonly keepMs: number
  readonly abandonMs: number
  readonly maxRuns: number
  readonly completion: EventInput | undefined
  readonly formatError: (error: unknown) => EventInput | undefined
  readonly onError: (error: unknown, id: string) => void
  readonly onEnd: RunsOptions['onEnd']
}

const CHECKS: Readonly<Record<Exclude<keyof RunsOptions, keyof ChannelOptions>, Check>> = {
  keepMs: milliseconds,
  abandonMs: duration,
  maxRuns: count,
  completion: assertEvent,
  formatError: assertFunction,
  onError: assertFunction,
  onEnd: assertFunction,
}

const HISTORY = { maxEvents: 100_000, maxBytes: 16_777_216 }

/**
 * Checks the options of runs and fills in the defaults.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function resolveRunsOptions(options: RunsOptions): ResolvedRunsOptions {
  const known = { history: keep, gapEvent: keep, onGap: keep, serialize: keep, ...CHECKS }
  const { history, gapEvent, onGap, serialize, ...checked } = checkAll(
    'options',
    '',
    known,
    options,
  )
  const channel = resolveChannelOptions({
    history: { ...HISTORY, ...(history as HistoryOptions | undefined) },
    // A viewer that is slow may fall behind as far as the history reaches.
    overflow: 'drop-oldest',
    queue: {},
    gapEvent,
    onGap,
    serialize,
  } as ChannelOptions)
  const { maxEvents, maxBytes } = channel.retention
  return {
    keepMs: 300_000,
    abandonMs: 0,
    maxRuns: 10_000,
    completion: undefined,
    formatError: () => MASKED_ERROR,
    onError: logError,
    onEnd: undefined,
    ...checked,
    channel: { ...channel, queue: { maxEvents, maxBytes } },
  }
}

/** Checked by the channel. */
function keep(_name: string, value: unknown): unknown {
  return value
}
