import { randomUUID } from 'node:crypto'
import type { EventStream } from '@sse/core'
import { createInbox } from './inbox.ts'
import {
  type Answer,
  aborted,
  param,
  type Report,
  type Watcher,
  type WatcherOf,
} from './scenarios/scenario.ts'

/** One run of a scenario, as the test sees it. */
export interface Run {
  /** Where the scenario of this run is served. */
  path(scenario: string, params?: Record<string, string>): string
  /** Lets the scenario go on past the next place where it waits for the test. */
  release(): void
  /** Says what the scenario `served` answers from now on. */
  serve(answer: (stream: EventStream) => Answer): void
  /** Takes the next report of a type, waiting for it if need be. */
  reported<Type extends Report['type']>(type: Type): Promise<Extract<Report, { type: Type }>>
}

/** The runs of a test file. */
export interface Runs {
  create(): Run
  readonly watcherOf: WatcherOf
}

export function createRuns(): Runs {
  const watchers = new Map<string, Watcher>()
  return {
    create() {
      const id = randomUUID().slice(0, 8)
      const reports = createInbox<Report>(`run ${id}, reports`)
      const releases = createInbox<true>(`run ${id}, releases`)
      let answer: Watcher['serve'] = () => []
      watchers.set(id, {
        released: (signal) =>
          Promise.race([releases.take().then(() => undefined), aborted(signal)]),
        tell: reports.put,
        serve: (stream) => answer(stream),
      })
      return {
        path: (scenario, params) => `/${scenario}?${new URLSearchParams({ run: id, ...params })}`,
        serve: (newAnswer) => {
          answer = newAnswer
        },
        release: () => releases.put(true),
        reported: (type) => reports.take((report) => report.type === type) as Promise<never>,
      }
    },
    watcherOf(url) {
      const watcher = watchers.get(param(url, 'run') ?? '')
      if (watcher === undefined) throw new Error(`no run is named in ${url}`)
      return watcher
    },
  }
}
