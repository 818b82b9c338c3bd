import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { turnEnd } from '../../test/fake-sink.ts'
import { until } from '../../test/node-server.ts'
import type { EventLog } from './event-log.ts'
import { createMemoryLog, type Retention } from './memory-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createLog(retention: Partial<Retention> = {}): EventLog {
  return createMemoryLog({ maxEvents: 10, maxBytes: 10_000, maxAgeMs: 0, ...retention })
}

function append(log: EventLog, data: string): number {
  return log.append({ event: { data }, fields: `data: ${data}\n`, key: undefined }) as number
}

function read(log: EventLog, after: number, most = 100) {
  const { entries, lost } = log.read(after, most, 65_536) as Awaited<ReturnType<EventLog['read']>>
  return { data: entries.map(({ event }) => event.data), lost }
}

describe('a log in memory', () => {
  it('gives every event the next number, and its bytes the id', () => {
    const log = createLog()
    const followed: string[] = []
    log.follow(({ bytes }) => void followed.push(new TextDecoder().decode(bytes)))
    expect([log.newest(), append(log, 'a'), append(log, 'b'), log.newest()]).toEqual([0, 1, 2, 2])
    expect(followed).toEqual([`data: a\nid: ${log.idOf(1)}\n\n`, `data: b\nid: ${log.idOf(2)}\n\n`])
    expect(log.locate(log.idOf(2))).toBe(2)
  })

  it('reads what comes after a place, no more than asked for', () => {
    const log = createLog()
    for (const data of ['a', 'b', 'c', 'd']) append(log, data)
    expect(read(log, 0)).toEqual({ data: ['a', 'b', 'c', 'd'], lost: 0 })
    expect(read(log, 1, 2)).toEqual({ data: ['b', 'c'], lost: 0 })
    expect(read(log, 4)).toEqual({ data: [], lost: 0 })
  })

  it('stops telling who no longer follows, also while it tells', () => {
    const log = createLog()
    const told: string[] = []
    const stopFirst = log.follow(() => (told.push('first'), stopFirst()))
    const stopSecond = log.follow(() => void told.push('second'))
    append(log, 'a')
    append(log, 'b')
    stopSecond()
    append(log, 'c')
    expect(told).toEqual(['first', 'second', 'second'])
  })

  it('keeps exactly maxEvents', () => {
    const log = createLog({ maxEvents: 3 })
    for (const data of ['a', 'b', 'c', 'd', 'e']) append(log, data)
    expect(read(log, 0)).toEqual({ data: ['c', 'd', 'e'], lost: 2 })
    expect(read(log, 1)).toEqual({ data: ['c', 'd', 'e'], lost: 1 })
    expect(log.stats()).toMatchObject({ events: 3, oldestId: log.idOf(3) })
  })

  it('keeps at most maxBytes, counted as they are on the wire', () => {
    const log = createLog({ maxBytes: 60 })
    for (const data of ['ä', 'b', 'c']) append(log, data)
    // Each is "data: x", LF, "id: ", 14 characters of id, LF, LF: 28 bytes, and one more for the umlaut.
    expect(log.stats()).toEqual({ events: 2, bytes: 56, oldestId: log.idOf(2) })
    append(log, 'x'.repeat(100))
    expect(log.stats()).toEqual({ events: 0, bytes: 0, oldestId: undefined })
    expect(read(log, 3)).toEqual({ data: [], lost: 1 })
  })

  it('keeps nothing longer than maxAgeMs', () => {
    const log = createLog({ maxAgeMs: 1_000 })
    append(log, 'a')
    vi.advanceTimersByTime(400)
    append(log, 'b')
    vi.advanceTimersByTime(599)
    expect(log.stats().events).toBe(2)
    vi.advanceTimersByTime(1)
    expect(read(log, 0)).toEqual({ data: ['b'], lost: 1 })
    vi.advanceTimersByTime(400)
    expect(log.stats()).toEqual({ events: 0, bytes: 0, oldestId: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets go of what is too old, though nobody asks', async () => {
    const log = createLog({ maxAgeMs: 1_000 })
    const appendObject = () => {
      const data = { text: 'x' }
      void log.append({ event: { data }, fields: 'data: x\n', key: undefined })
      return new WeakRef(data)
    }
    const seen = appendObject()
    expect(vi.getTimerCount()).toBe(1)
    await turnEnd()
    collectGarbage()
    expect(seen.deref()).toBeDefined()
    await turnEnd()
    vi.advanceTimersByTime(1_000)
    expect(vi.getTimerCount()).toBe(0)
    collectGarbage()
    expect(seen.deref()).toBeUndefined()
  })

  it('gives nothing that is too old, though its timer is late', () => {
    const log = createLog({ maxAgeMs: 1_000 })
    append(log, 'a')
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000)
    expect(read(log, 0)).toEqual({ data: [], lost: 1 })
    vi.restoreAllMocks()
  })

  it('does not keep a process from ending', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    append(createLog({ maxAgeMs: 1_000 }), 'a')
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false])
    vi.restoreAllMocks()
  })

  it('only numbers events where it keeps none', () => {
    const log = createLog({ maxEvents: 0, maxBytes: 0 })
    const followed: string[] = []
    expect(append(log, 'a')).toBe(1)
    log.follow(({ bytes }) => void followed.push(new TextDecoder().decode(bytes)))
    expect(append(log, 'b')).toBe(2)
    expect(followed).toEqual(['data: b\n\n'])
    expect(log.stats()).toEqual({ events: 0, bytes: 0, oldestId: undefined })
  })

  it('costs memory to match its bytes', async () => {
    vi.useRealTimers()
    const used = () => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    const before = used()
    const log = createLog({ maxEvents: 1_000_000, maxBytes: 8 << 20 })
    for (let number = 0; number < 50_000; number += 1) append(log, `${number}`.padEnd(1_000, 'x'))
    expect(log.stats().bytes).toBeLessThanOrEqual(8 << 20)
    expect(log.stats().bytes).toBeGreaterThan((8 << 20) - 2_000)
    // The bytes, the text that they were made of, and what holds them together.
    await until(() => used() - before < 3 * (8 << 20))
  })
})
