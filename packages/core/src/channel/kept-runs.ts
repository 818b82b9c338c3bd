import { letProcessEnd } from './memory-log.ts'
import type { RunState } from './run.ts'

/** A run, and what is behind it. */
export interface Entry<Run> {
  readonly state: RunState
  readonly run: Run
}

/** Runs that have ended, in the order in which they did, for as long as they are kept. */
export interface KeptRuns<Run> {
  size(): number
  get(id: string): Entry<Run> | undefined
  add(id: string, entry: Entry<Run>): void
  /** @returns Whether there was one. */
  dropOldest(): boolean
  clear(): void
}

/** @param keepMs - How long each is kept. */
export function createKeptRuns<Run>(keepMs: number): KeptRuns<Run> {
  const entries = new Map<string, Entry<Run> & { readonly until: number }>()
  let timer: ReturnType<typeof setTimeout> | undefined

  // Asked for at every look as well: on Cloudflare Workers the timer may have died with a request.
  const expire = (): void => {
    const now = performance.now()
    for (const [id, { until }] of entries) {
      if (until > now) break
      entries.delete(id)
    }
  }
  const watch = (): void => {
    const [oldest] = entries.values()
    if (timer !== undefined || oldest === undefined) return
    timer = setTimeout(
      () => {
        timer = undefined
        expire()
        watch()
      },
      Math.max(0, oldest.until - performance.now()),
    )
    letProcessEnd(timer)
  }
  return {
    size() {
      expire()
      return entries.size
    },
    get(id: string) {
      expire()
      return entries.get(id)
    },
    add(id: string, entry: Entry<Run>) {
      entries.set(id, { ...entry, until: performance.now() + keepMs })
      watch()
    },
    dropOldest() {
      const [id] = entries.keys()
      return id !== undefined && entries.delete(id)
    },
    clear() {
      entries.clear()
      clearTimeout(timer)
      timer = undefined
    },
  }
}
