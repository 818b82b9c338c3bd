import { areTimersRequestBound, createRequestCaller } from '../connection/clock.ts'
import { discardSource, type Pull, startSource } from '../connection/source.ts'
import { afterTurn } from '../connection/turns.ts'
import { type Deferred, defer } from '../deferred.ts'
import { SseError } from '../errors.ts'
import { callSafely, isThenable, logError, swallow } from '../thenable.ts'
import { MASKED_ERROR } from '../wire/masked-error.ts'
import type { EventInput } from '../wire/server-sent-event.ts'
import type { Channel } from './channel.ts'
import type { ResolvedRunsOptions, RunStatus } from './run-options.ts'

// So many events a source that never waits may make in one turn.
const EVENTS_PER_TURN = 64

const MUST_BE =
  'The source of a run must be an async iterable, an iterable, a ReadableStream, a Node Readable, or a function that returns one'

/** One run of a source, whoever watches. */
export interface RunState {
  readonly id: string
  readonly options: ResolvedRunsOptions
  readonly channel: Channel
  readonly controller: AbortController
  status: RunStatus
  pull?: Pull | undefined
  viewers: number
  abandonTimer?: ReturnType<typeof setTimeout> | undefined
  /** Where timers live: the request that created the run may outlive those of its viewers. */
  readonly inItsRequest: (callback: () => void) => void
  readonly ended: Deferred<RunStatus>
  /** Called once, when it has ended. */
  readonly onOver: () => void
}

export function createRunState(
  init: Pick<RunState, 'id' | 'options' | 'channel' | 'onOver'>,
): RunState {
  return {
    ...init,
    controller: new AbortController(),
    status: 'running',
    viewers: 0,
    inItsRequest: areTimersRequestBound() ? createRequestCaller() : (callback) => callback(),
    ended: defer(),
  }
}

/** Starts the source, and adds what it yields to the channel of the run. Never rejects. */
export async function pump(run: RunState, source: unknown): Promise<void> {
  try {
    await pullAll(run, source)
    if (run.status === 'running') endRun(run, 'completed', run.options.completion)
  } catch (error) {
    // What a source throws that was told to stop follows from that.
    if (run.status !== 'running') return
    tell(() => run.options.onError(error, run.id))
    endRun(run, 'failed', errorEvent(run, error))
  }
}

async function pullAll(run: RunState, source: unknown): Promise<void> {
  const { signal } = run.controller
  const made: unknown = typeof source === 'function' ? source(signal) : source
  const value = isThenable(made) ? await made : made
  if (run.status !== 'running') return discardSource(value)
  const pull = startSource(value, MUST_BE)
  run.pull = pull
  for (let taken = 1; ; taken += 1) {
    const result = await pull.next()
    if (run.status !== 'running') return
    if (result.done) break
    const event = isThenable(result.value) ? await result.value : result.value
    if (run.status !== 'running') return
    run.channel.publish(event as EventInput)
    if (taken % EVENTS_PER_TURN === 0) await new Promise<void>((resolve) => afterTurn(resolve))
  }
  run.pull = undefined
}

/** Ends a run. Its viewers get everything, and then `finalEvent`. */
export function endRun(
  run: RunState,
  status: Exclude<RunStatus, 'running'>,
  finalEvent: EventInput | undefined,
): void {
  if (run.status !== 'running') return
  run.status = status
  stopAbandoning(run)
  if (status === 'cancelled') {
    run.controller.abort(new SseError('closed', 'The run was cancelled.'))
  }
  stop(run)
  try {
    run.channel.close(finalEvent)
  } catch (error) {
    // The event was no good; the run has ended all the same.
    tell(() => run.options.onError(error, run.id))
    run.channel.close()
  }
  run.ended.resolve(status)
  run.onOver()
  tell(() => run.options.onEnd?.(status, run.id))
}

function stop(run: RunState): void {
  const { pull } = run
  run.pull = undefined
  try {
    swallow(pull?.stop())
  } catch (error) {
    tell(() => run.options.onError(error, run.id))
  }
}

/** Counts a viewer, and notices when the last one has left. */
export function watchViewer(run: RunState, view: Promise<void>): Promise<void> {
  run.viewers += 1
  stopAbandoning(run)
  const left = view.then(() => {
    run.viewers -= 1
    run.inItsRequest(() => startAbandoning(run))
  })
  return left
}

function startAbandoning(run: RunState): void {
  const { abandonMs } = run.options
  if (run.viewers > 0 || run.status !== 'running' || abandonMs === 0) return
  const timer = setTimeout(() => {
    // On Workers no other request can clear it.
    if (run.abandonTimer === timer) endRun(run, 'cancelled', undefined)
  }, abandonMs)
  run.abandonTimer = timer
}

function stopAbandoning(run: RunState): void {
  clearTimeout(run.abandonTimer)
  run.abandonTimer = undefined
}

function errorEvent(run: RunState, error: unknown): EventInput | undefined {
  try {
    return run.options.formatError(error)
  } catch (formatFault) {
    tell(() => run.options.onError(formatFault, run.id))
    return MASKED_ERROR
  }
}

/** What a hook throws, at once or as a rejection, is no business of the run's. */
function tell(call: () => unknown): void {
  callSafely(call, logError)
}
