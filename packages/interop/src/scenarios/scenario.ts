// Runs on every runtime: no import of values from anywhere but the package itself.
import type { EventMap, EventStream, Handler, HandlerResult, RouteOptions } from '@sse/core'

/** What a scenario tells the test that watches it. */
export type Report =
  | { type: 'asked'; lastEventId: string | undefined; httpVersion: string | undefined }
  | { type: 'completing'; atMs: number }
  | { type: 'resumed'; atMs: number }
  | { type: 'cleaned-up' }
  | { type: 'aborted'; reason: string }
  | { type: 'ended'; reason: string }
  | { type: 'refused'; reason: string }

/** What a handler may give. */
export type Answer = HandlerResult<EventMap> | Promise<void>

/** The test, as a scenario sees it. */
export interface Watcher {
  /** Resolves when the test lets the scenario go on. */
  released(signal: AbortSignal): Promise<void>
  tell(report: Report): void
  /** Answers as the test wants. */
  serve(stream: EventStream): Answer
}

/** Finds the watcher of a request by its URL, which names the run. */
export type WatcherOf = (url: string) => Watcher

/** The request, in the same words on every framework. */
export interface Visit {
  /** The URL, or its path and query. */
  readonly url: string
  /** The protocol, where the framework knows it. */
  readonly httpVersion?: string | undefined
  readonly json: () => Promise<unknown>
}

/** What a server does with one request of a client. */
export interface Scenario {
  readonly options?: RouteOptions<never>
  readonly run: (stream: EventStream, watcher: Watcher, visit: Visit) => Answer
}

/**
 * Makes of a scenario what `sse.handler` takes.
 *
 * @param visitOf - Reads the request of this framework.
 */
export function enact<Context>(
  { options, run }: Scenario,
  visitOf: (context: Context) => Visit,
  watcherOf: WatcherOf,
): [Handler<EventMap, Context>, RouteOptions<Context>] {
  const handler: Handler<EventMap, Context> = (stream, context) => {
    const visit = visitOf(context)
    const watcher = watcherOf(visit.url)
    const { lastEventId, signal } = stream
    watcher.tell({ type: 'asked', lastEventId, httpVersion: visit.httpVersion })
    signal.addEventListener('abort', () => {
      watcher.tell({ type: 'aborted', reason: (signal.reason as { code: string }).code })
    })
    void stream.ended.then((reason) => watcher.tell({ type: 'ended', reason }))
    return run(stream, watcher, visit)
  }
  const onReject: RouteOptions<Context>['onReject'] = (reason, context) => {
    watcherOf(visitOf(context).url).tell({ type: 'refused', reason })
  }
  return [handler, { ...(options as RouteOptions<Context> | undefined), onReject }]
}

/** A parameter of the query. */
export function param(url: string, name: string): string | null {
  return new URL(url, 'http://localhost').searchParams.get(name)
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
