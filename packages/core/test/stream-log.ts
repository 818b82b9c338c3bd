import { createLogEntry, type EventLog, type LogEntry, type LogEvent } from '../src/index.ts'
import { turnEnd } from './fake-sink.ts'

/** How a store behaves. */
export interface StreamLogOptions {
  /** How many turns of the loop a read takes, and an entry on its way to who follows. */
  readonly readTurns?: number
  readonly followTurns?: number
  /** The most entries that it gives at once. */
  readonly pageEvents?: number
  readonly maxEvents?: number
}

async function wait(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await turnEnd()
}

/**
 * A log outside of the processes that use it, such as a stream of Redis: it answers later, its ids have gaps, and
 * what it lost it does not count. `open()` gives it to one more process.
 */
export function createStreamLog({
  readTurns = 1,
  followTurns = 1,
  pageEvents = 100,
  maxEvents = 1_000,
}: StreamLogOptions = {}) {
  const kept: LogEntry[] = []
  const processes = new Set<(entry: LogEntry) => void>()
  let order = 1_000
  let trimmed = 0
  let failure: Error | undefined
  const idOf = (of: number): string => `redis-${of}`

  const append = async (event: LogEvent): Promise<number> => {
    if (failure !== undefined) throw failure
    await wait(1)
    order += 7
    const entry = createLogEntry(event, order, idOf(order))
    kept.push(entry)
    if (kept.length > maxEvents) trimmed = kept.shift()?.order ?? trimmed
    for (const receive of processes) receive(entry)
    return entry.order
  }

  const open = (): EventLog => {
    let newest = order
    let arriving = Promise.resolve()
    const followers = new Set<(entry: LogEntry) => void>()
    processes.add((entry) => {
      arriving = arriving
        .then(() => wait(followTurns))
        .then(() => {
          newest = entry.order
          for (const follower of followers) follower(entry)
        })
    })
    return {
      keepsEvents: true,
      newest: () => newest,
      append,
      follow: (onEntry) => {
        followers.add(onEntry)
        return () => void followers.delete(onEntry)
      },
      async read(after, most) {
        await wait(readTurns)
        if (failure !== undefined) throw failure
        const entries = kept.filter((entry) => entry.order > after)
        const page = entries.slice(0, Math.min(most, pageEvents))
        return { entries: page, lost: after < trimmed ? undefined : 0 }
      },
      idOf,
      locate: (id) => {
        const match = /^redis-(\d+)$/.exec(id)
        return match === null ? 'malformed' : Number(match[1])
      },
      stats: () => ({ events: kept.length, bytes: 0, oldestId: undefined }),
    }
  }
  return {
    open,
    fail: (error: Error) => {
      failure = error
    },
  }
}
