import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeadlines, type Timed } from './deadlines.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Entry extends Timed {
  readonly looks: number[]
}

function createEntry(nextWaitMs = Infinity): Entry {
  const start = performance.now()
  const entry: Entry = {
    bucket: undefined,
    looks: [],
    onDue: (now) => {
      entry.looks.push(now - start)
      return now + nextWaitMs
    },
  }
  return entry
}

describe('createDeadlines', () => {
  it('looks at an entry once its moment came, at most 1/64 of the wait late', () => {
    const deadlines = createDeadlines()
    const entry = createEntry()
    deadlines.set(entry, performance.now() + 15_000)
    vi.advanceTimersByTime(14_999)
    expect(entry.looks).toEqual([])
    vi.advanceTimersByTime(1 + 15_000 / 64)
    expect(entry.looks).toHaveLength(1)
  })

  it('looks again when the entry says so', () => {
    const deadlines = createDeadlines()
    const entry = createEntry(100)
    deadlines.set(entry, performance.now() + 100)
    vi.advanceTimersByTime(1_000)
    expect(entry.looks.length).toBeGreaterThanOrEqual(9)
    expect(entry.looks.length).toBeLessThanOrEqual(10)
  })

  it('has one timer for any number of entries, and none without entries', () => {
    const deadlines = createDeadlines()
    const entries = Array.from({ length: 1_000 }, () => createEntry())
    for (const [index, entry] of entries.entries()) {
      deadlines.set(entry, performance.now() + 1_000 + index)
    }
    expect(vi.getTimerCount()).toBe(1)
    for (const entry of entries) deadlines.remove(entry)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('moves an entry to an earlier moment, and leaves it there when a later one is set', () => {
    const deadlines = createDeadlines()
    const entry = createEntry()
    deadlines.set(entry, performance.now() + 10_000)
    deadlines.set(entry, performance.now() + 100)
    deadlines.set(entry, performance.now() + 5_000)
    vi.advanceTimersByTime(110)
    expect(entry.looks).toHaveLength(1)
    vi.advanceTimersByTime(20_000)
    expect(entry.looks).toHaveLength(1)
  })

  it('looks at an entry in time although a later one was set before', () => {
    const deadlines = createDeadlines()
    const [late, early] = [createEntry(), createEntry()]
    deadlines.set(late, performance.now() + 60_000)
    deadlines.set(early, performance.now() + 100)
    vi.advanceTimersByTime(110)
    expect([early.looks.length, late.looks.length]).toEqual([1, 0])
    vi.advanceTimersByTime(61_000)
    expect(late.looks).toHaveLength(1)
  })

  it('keeps nothing of moments that passed while others are still to come', () => {
    const set = vi.spyOn(Map.prototype, 'set')
    const deadlines = createDeadlines()
    deadlines.set(createEntry(), performance.now() + 3_600_000)
    const buckets = set.mock.contexts.at(-1) as Map<unknown, unknown>
    set.mockRestore()
    for (let count = 0; count < 50; count += 1) {
      deadlines.set(createEntry(), performance.now() + 100)
      vi.advanceTimersByTime(200)
    }
    expect(buckets.size).toBeLessThanOrEqual(2)
  })

  it('never looks at an entry that was removed', () => {
    const deadlines = createDeadlines()
    const removed = createEntry()
    const kept = createEntry()
    deadlines.set(removed, performance.now() + 100)
    deadlines.set(kept, performance.now() + 100)
    deadlines.remove(removed)
    vi.advanceTimersByTime(1_000)
    expect(removed.looks).toEqual([])
    expect(kept.looks).toHaveLength(1)
  })

  it('looks at thousands that are due together a few at a time', () => {
    const deadlines = createDeadlines()
    const entries = Array.from({ length: 1_000 }, () => createEntry())
    for (const entry of entries) deadlines.set(entry, performance.now() + 100)
    const looked = (): number => entries.filter((entry) => entry.looks.length > 0).length
    vi.advanceTimersToNextTimer()
    expect(looked()).toBe(128)
    vi.advanceTimersByTime(10)
    expect(looked()).toBe(1_000)
  })

  it('waits longer than one timer of the platform can', () => {
    const deadlines = createDeadlines()
    const entry = createEntry()
    deadlines.set(entry, performance.now() + 3_000_000_000)
    vi.advanceTimersByTime(2_999_000_000)
    expect(entry.looks).toEqual([])
    vi.advanceTimersByTime(100_000_000)
    expect(entry.looks).toHaveLength(1)
  })

  it('forgets an entry that is not due again', () => {
    const deadlines = createDeadlines()
    deadlines.set(createEntry(), performance.now() + 10)
    vi.advanceTimersByTime(100)
    expect(vi.getTimerCount()).toBe(0)
  })
})
