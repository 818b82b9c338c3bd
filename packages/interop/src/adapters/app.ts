import type { SseStats } from '@sse/core'
import type { NodeListener } from '@sse/testing'
import type { WatcherOf } from '../scenarios/scenario.ts'

/** An app of one framework that serves all scenarios, and what lies beside them. */
export interface App {
  readonly listener: NodeListener
  stats(): SseStats
}

export type CreateApp = (watcherOf: WatcherOf) => App

/** Where the app answers 204, as one does to a client that need not come back. */
export const GONE = '/gone'

/** Where the app serves an empty page, for browsers that want to be of the same origin. */
export const PAGE = '/page'

export const PAGE_HTML = '<!doctype html><title>interop</title>'
