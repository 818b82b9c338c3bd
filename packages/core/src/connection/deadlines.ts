import { wholeMs } from './turns.ts'

/** Something that has to be looked at when a moment comes. */
export interface Timed {
  /** Where it waits; owned by {@link Deadlines}. */
  bucket: Bucket | undefined
  /** Its moment came; `now` is in whole ms. @returns the next one, or `Infinity` for none. */
  onDue(now: number): number
}

interface Bucket {
  readonly at: number
  readonly entries: Set<Timed>
}

/** All moments that all connections wait for, behind one timer. */
export interface Deadlines {
  /** Makes sure that `entry` is looked at no later than `at` (and hardly later: by 1/64 of the wait). */
  set(entry: Timed, at: number): void
  /** Forgets `entry`. */
  remove(entry: Timed): void
}

// Ten thousand connections looked at in one go stall the loop for a fifth of a second.
const ENTRIES_PER_TURN = 128
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Connections that wait for about the same moment share a bucket, so that joining and leaving cost the
 * same however many there are. An activity that moves a deadline further away costs nothing: the entry is looked at
 * at the old moment and says when to look again.
 */
export function createDeadlines(): Deadlines {
  const buckets = new Map<number, Bucket>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let timerAt = Infinity
  let size = 0

  return { set, remove }

  function set(entry: Timed, at: number, now: number = performance.now()): void {
    if (at === Infinity) return
    if (entry.bucket !== undefined) {
      if (entry.bucket.at <= at) return
      remove(entry)
    }
    const bucketAt = roundUp(at, now)
    let bucket = buckets.get(bucketAt)
    if (bucket === undefined) {
      bucket = { at: bucketAt, entries: new Set() }
      buckets.set(bucketAt, bucket)
    }
    bucket.entries.add(entry)
    entry.bucket = bucket
    size += 1
    if (bucketAt < timerAt) arm(bucketAt)
  }

  function remove(entry: Timed): void {
    const { bucket } = entry
    if (bucket === undefined) return
    entry.bucket = undefined
    bucket.entries.delete(entry)
    size -= 1
    if (size > 0) return
    clearTimeout(timer)
    timerAt = Infinity
    buckets.clear()
  }

  function arm(at: number): void {
    clearTimeout(timer)
    timerAt = at
    const wait = Math.ceil(at - performance.now())
    timer = setTimeout(run, Math.min(Math.max(wait, 0), LONGEST_TIMER_MS))
  }

  function run(): void {
    const now = wholeMs()
    let left = ENTRIES_PER_TURN
    let next = Infinity
    for (const bucket of buckets.values()) {
      if (bucket.at <= now) left = look(bucket, now, left)
      if (bucket.entries.size > 0) next = Math.min(next, bucket.at)
      else if (buckets.get(bucket.at) === bucket) buckets.delete(bucket.at)
    }
    timerAt = Infinity
    if (next !== Infinity) arm(next)
  }

  function look(bucket: Bucket, now: number, most: number): number {
    let left = most
    for (const entry of bucket.entries) {
      if (left === 0) break
      left -= 1
      remove(entry)
      set(entry, entry.onDue(now), now)
    }
    return left
  }

  function roundUp(at: number, now: number): number {
    const wait = Math.max(at - now, 1)
    const step = 2 ** Math.max(Math.floor(Math.log2(wait / 64)), 0)
    return Math.ceil(at / step) * step
  }
}
