import type { NodeListener } from '@sse/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import {
  type Adapter,
  adaptersFor,
  type Protocol,
  type Server,
  serveWith,
} from '../../adapters/adapters.ts'
import { createRuns, type Runs } from '../../runs.ts'

// Generous, because two cores run everything at once; a green run never waits for it.
export const TIMEOUT_MS = 30_000

/** A server that runs while the tests of a suite run. */
export interface UsedServer {
  readonly runs: Runs
  readonly server: Server
}

/**
 * Runs the same tests against every adapter that the protocols reach: side by side, since most of their
 * time goes by in waiting. Suites inside that need an adapter's server for themselves are not concurrent.
 */
export function describeAdapters(
  protocols: readonly Protocol[],
  defineTests: (used: UsedServer, protocol: Protocol) => void,
): void {
  describe.concurrent.each(adaptersFor(protocols))('$name', { timeout: TIMEOUT_MS }, (adapter) => {
    defineTests(useServer(adapter), adapter.protocol)
  })
}

/** A server without an adapter. */
export type Listening = Omit<Server, 'stats'>

/** Serves a listener of the test's own with a protocol. */
export function useListener(
  protocol: Protocol,
  listener: NodeListener,
): { readonly server: Listening } {
  return useStarted(() => serveWith(protocol, listener))
}

function useServer(adapter: Adapter): UsedServer {
  const runs = createRuns()
  const used = useStarted(() => adapter.start(runs.watcherOf))
  return Object.assign(used, { runs })
}

function useStarted<S extends Listening>(start: () => Promise<S>): { readonly server: S } {
  let server: S | undefined
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.close())
  return {
    get server() {
      if (server === undefined) throw new Error('the server does not run yet')
      return server
    },
  }
}
