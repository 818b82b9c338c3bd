import type { AnyEventStream, EventInputOf, EventMap } from '../connection/event-stream.ts'

import { discardSource, type Source } from '../connection/source.ts'
import { SseError, show } from '../errors.ts'
import { type ChannelStats, createChannelOf } from './channel.ts'
import type { SubscribeOptions } from './channel-options.ts'
import { createKeptRuns, type Entry } from './kept-runs.ts'
import { createRunState, endRun, pump, type RunState, watchViewer } from './run.ts'
import { type RunStatus, type RunsOptions, resolveRunsOptions } from './run-options.ts'

const MAX_ID_CHARACTERS = 1_024

/**
 * What a run streams: a source, or a function that makes one. The function is called once, at once, with a signal that
 * aborts when the run is cancelled: give it to everything that it starts.
 *
 * @public
 */
export type RunSource<Events = EventMap> =
  | Source<EventInputOf<Events>>
  | ((signal: AbortSignal) => Source<EventInputOf<Events>> | Promise<Source<EventInputOf<Events>>>)

/**
 * A source that runs once, independent of any connection, and is kept for whoever watches.
 *
 * @public
 */
export interface Run<Events = EventMap> {
  /** The id under which it was created. */
  readonly id: string
  /** How it stands now. */
  readonly status: RunStatus
  /** How many streams watch it now. */
  readonly viewers: number
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<RunStatus>
  /**
   * Lets a stream watch: from the beginning, or from the last event ID of its client, to the end. A client that
   * comes back and has everything of a run that has ended is answered with 204, which makes an `EventSource` stop,
   * if its handler calls this before it waits for anything.
   *
   * @param stream - The first argument of the handler. Return what this returns, so that the stream stays open.
   * @returns Resolves when the stream is over, or has everything of a run that has ended. Never rejects.
   * @throws {@link SseError} `ERR_SSE_INVALID_STREAM`, `ERR_SSE_INVALID_OPTION`, `ERR_SSE_LIMIT_REACHED`.
   */
  subscribe(
    stream: AnyEventStream,
    options?: Pick<
      SubscribeOptions<Events>,
      'filter' | 'transform' | 'key' | 'lastEventId' | 'signal'
    >,
  ): Promise<void>
  /**
   * Stops the source. Viewers get what it has made, then `finalEvent`, and their streams end. Does nothing once it
   * has ended.
   */
  cancel(finalEvent?: EventInputOf<Events>): void
  /** Counts its events and what is kept of them. */
  stats(): ChannelStats
}

/**
 * Runs by their id.
 *
 * @public
 */
export interface Runs<Events = EventMap> {
  /** How many there are, those that have ended and are kept included. */
  readonly size: number
  /**
   * Starts a source once. Where there is a run with this id already, also one that has ended and is kept, that one
   * is returned, and the source is not started: a request that is sent twice makes no second call.
   *
   * @param id - Any text of 1 to 1,024 characters.
   * @param source - What it streams. What it throws ends the run as `failed`.
   * @throws {@link SseError} `ERR_SSE_INVALID_OPTION` for the id, `ERR_SSE_LIMIT_REACHED` if `maxRuns` are running.
   */
  createRun(id: string, source: RunSource<Events>): Run<Events>
  /** The run with this id, unless it never was or is no longer kept: answer 404 then. */
  get(id: string): Run<Events> | undefined
  /** Cancels all that run, and forgets all. */
  close(): void
}

/**
 * Makes a place for runs: answers of models and other jobs that go on when their client is cut, and that a client
 * which comes back, or another one, can follow from where it was.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * declare function tokens(question: string, signal: AbortSignal): AsyncIterable<string>
 *
 * const sse = createSse()
 * const answers = createRuns({ completion: { event: 'done' }, abandonMs: 30_000 })
 *
 * export const POST = async (request: Request) => {
 *   const { id, question } = (await request.json()) as { id: string; question: string }
 *   answers.createRun(id, (signal) => tokens(question, signal))
 *   return Response.json({ id })
 * }
 *
 * const follow = sse.handler((stream, { request }) => {
 *   return answers.get(new URL(request.url).pathname)?.subscribe(stream)
 * })
 * ```
 *
 * @public
 */
export function createRuns<Events = EventMap>(options: RunsOptions = {}): Runs<Events> {
  const resolved = resolveRunsOptions(options)
  const running = new Map<string, Entry<Run<Events>>>()
  const kept = createKeptRuns<Run<Events>>(resolved.keepMs)

  const start = (id: string, source: RunSource<Events>): Run<Events> => {
    if (running.size + kept.size() >= resolved.maxRuns && !kept.dropOldest()) {
      discard(source)
      throw tooManyRuns(resolved.maxRuns)
    }
    const state = createRunState({
      id,
      options: resolved,
      channel: createChannelOf(resolved.channel),
      onOver() {
        // Not after `close()`, which forgets all.
        if (running.get(id) !== entry) return
        running.delete(id)
        kept.add(id, entry)
      },
    })
    const entry: Entry<Run<Events>> = { state, run: createRun(state) }
    running.set(id, entry)
    void pump(state, source)
    return entry.run
  }
  const find = (id: string): Run<Events> | undefined => (running.get(id) ?? kept.get(id))?.run

  return {
    get size() {
      return running.size + kept.size()
    },
    createRun(id, source) {
      const known = find(assertId(id, source))
      if (known === undefined) return start(id, source)
      discard(source)
      return known
    },
    get: find,
    close() {
      const entries = [...running.values()]
      running.clear()
      kept.clear()
      for (const { state } of entries) endRun(state, 'cancelled', undefined)
    },
  }
}

/** Lets go of a source that will not run. */
function discard(source: unknown): void {
  if (typeof source !== 'function') discardSource(source)
}

function tooManyRuns(maxRuns: number): SseError {
  return new SseError(
    'ERR_SSE_LIMIT_REACHED',
    `There must be at most \`maxRuns\` (${maxRuns}) runs, got one more.`,
  )
}

function createRun<Events>(state: RunState): Run<Events> {
  return {
    id: state.id,
    ended: state.ended.promise,
    get status() {
      return state.status
    },
    get viewers() {
      return state.viewers
    },
    subscribe: (stream, options = {}) => {
      const view = state.channel.subscribe(stream, { ...options, from: 'start' } as never)
      return watchViewer(state, view)
    },
    cancel: (finalEvent) => endRun(state, 'cancelled', finalEvent as never),
    stats: () => state.channel.stats(),
  }
}

function assertId(id: unknown, source: unknown): string {
  if (typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_CHARACTERS) return id
  discard(source)
  throw new SseError(
    'ERR_SSE_INVALID_OPTION',
    `\`id\` must be a string of 1 to ${MAX_ID_CHARACTERS} characters, got ${show(id)}`,
  )
}
