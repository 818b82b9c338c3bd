import { completions, fullCompletions } from './completions.ts'
import { completing, failing } from './ends.ts'
import { aborted, param, type Scenario } from './scenario.ts'
import { story } from './story.ts'

// Long enough to be told from "at once", and far below the 3 s of clients that were told nothing.
export const RETRY_MS = 60

/** Sends one event and then waits for the client to leave. */
const endless: Scenario = {
  async *run(stream, watcher) {
    try {
      yield { event: 'stage', data: 'started' }
      await aborted(stream.signal)
    } finally {
      watcher.tell({ type: 'cleaned-up' })
    }
  },
}

/** Says nothing but heartbeats between two events. */
const silence: Scenario = {
  options: { heartbeatMs: 5 },
  async *run(stream, watcher) {
    // After an id, some clients make an event of every blank line.
    yield { event: 'stage', data: 'before', id: '1' }
    await watcher.released(stream.signal)
    yield { event: 'done', data: 'after' }
  },
}

/** Ends after an event with an id, and goes on when the client comes back with it. */
const resume: Scenario = {
  options: { retryMs: RETRY_MS },
  async *run(stream, watcher, { url }) {
    if (stream.lastEventId === undefined) {
      yield { id: param(url, 'id') ?? '', data: 'before' }
      watcher.tell({ type: 'completing', atMs: performance.now() })
      return
    }
    watcher.tell({ type: 'resumed', atMs: performance.now() })
    yield { event: 'resumed', data: stream.lastEventId }
    await aborted(stream.signal)
  },
}

/** Lets one client in; the others are told to go, for good. */
const full: Scenario = { ...endless, options: { limit: { maxConnections: 1 } } }

/** Lets one client in; the others are told to come back. */
const busy: Scenario = {
  ...endless,
  options: { limit: { maxConnections: 1, soft: true, retryAfterMs: 20 } },
}

/** Whatever the test wants, for clients that come back soon. */
const served: Scenario = {
  options: { retryMs: 20 },
  run: (stream, watcher) => watcher.serve(stream),
}

/** All scenarios by their path. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  story,
  completing,
  failing,
  silence,
  resume,
  endless,
  full,
  busy,
  served,
  'v1/chat/completions': completions,
  'full/chat/completions': fullCompletions,
}
