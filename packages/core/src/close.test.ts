import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, type FakeSink, turnEnd } from '../test/fake-sink.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open(count: number, limit = {}) {
  const ends: string[] = []
  const sse = createFakeSse({ limit, onEnd: (reason) => void ends.push(reason) })
  const aborts: unknown[] = []
  const handler = sse.handler(async (stream) => {
    stream.signal.addEventListener('abort', () => aborts.push(stream.signal.reason))
    await stream.ended
  })
  const sinks = Array.from({ length: count }, createFakeSink)
  for (const sink of sinks) void handler({ sink })
  return { sse, sinks, ends, aborts, handler }
}

const retryOf = (sink: FakeSink): number => Number(/retry: (\d+)\n/.exec(sink.text())?.[1])

describe('close', () => {
  it('aborts every signal at once and sends the farewell with a retry of its own', async () => {
    const { sse, sinks, aborts } = open(20)
    await turnEnd()
    const closed = sse.close({ retryMs: 1_000, event: { event: 'bye', data: 'later' } })
    await turnEnd()
    expect(aborts).toHaveLength(20)
    expect(aborts[0]).toMatchObject({ code: 'shutdown' })
    for (const sink of sinks) {
      expect(sink.text()).toMatch(/^:\nretry: \d+\nevent: bye\ndata: later\n\n$/)
      expect(retryOf(sink)).toBeGreaterThanOrEqual(1_000)
      expect(retryOf(sink)).toBeLessThanOrEqual(1_500)
    }
    expect(new Set(sinks.map(retryOf)).size).toBeGreaterThan(5)
    await vi.advanceTimersByTimeAsync(1_000)
    await closed
  })

  it('spreads the ends of many streams', async () => {
    const { sse, sinks } = open(400)
    await turnEnd()
    void sse.close({ graceMs: 5_000 })
    await turnEnd()
    const ended = (): number => sinks.filter((sink) => sink.log.includes('<end>')).length
    expect(ended()).toBe(10)
    await vi.advanceTimersByTimeAsync(200)
    expect(ended()).toBeGreaterThan(150)
    expect(ended()).toBeLessThan(300)
    await vi.advanceTimersByTimeAsync(300)
    expect(ended()).toBe(400)
  })

  it('sends no heartbeat after the farewell to those whose end is put off', async () => {
    const sse = createFakeSse({ heartbeatMs: 20 })
    const handler = sse.handler(async (stream) => void (await stream.ended))
    const sinks = Array.from({ length: 400 }, createFakeSink)
    for (const sink of sinks) void handler({ sink })
    await turnEnd()
    void sse.close({ graceMs: 5_000 })
    await vi.advanceTimersByTimeAsync(300)
    expect(sinks.some((sink) => !sink.log.includes('<end>'))).toBe(true)
    for (const sink of sinks) expect(sink.text()).toMatch(/^(:\n)+retry: \d+\n$/)
    await vi.advanceTimersByTimeAsync(300)
  })

  it('ends each stream once though its end was put off', async () => {
    const { sse, sinks, ends } = open(50)
    await turnEnd()
    const closed = sse.close({ graceMs: 1_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    await closed
    expect(ends).toHaveLength(50)
    for (const sink of sinks) expect(sink.log.filter((what) => what === '<end>')).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('spreads the ends over half of the grace time at most', async () => {
    const { sse, sinks } = open(400)
    await turnEnd()
    void sse.close({ graceMs: 200 })
    const ended = (): number => sinks.filter((sink) => sink.log.includes('<end>')).length
    await vi.advanceTimersByTimeAsync(50)
    expect(ended()).toBeLessThan(400)
    await vi.advanceTimersByTimeAsync(50)
    expect(ended()).toBe(400)
  })

  it('drops what is left when the grace time is over, and resolves', async () => {
    const { sse, sinks, ends } = open(2)
    await turnEnd()
    for (const sink of sinks) sink.isFrozen = true
    const states: string[] = []
    const closed = sse.close({ graceMs: 1_000 }).then(() => states.push('closed'))
    await vi.advanceTimersByTimeAsync(999)
    expect(states).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await closed
    expect(ends).toEqual(['shutdown', 'shutdown'])
    expect(sinks.every((sink) => sink.log.at(-1) === '<destroy>')).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('resolves at once with none open, twice, and leaves no timer', async () => {
    const { sse } = open(0)
    await Promise.all([sse.close(), sse.close()])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('refuses new streams and those in the queue with 503', async () => {
    const { sse, handler, sinks } = open(3, { maxConnections: 1, maxQueued: 2 })
    await turnEnd()
    expect(sse.stats()).toMatchObject({ active: 1, queued: 2 })
    const closed = sse.close()
    const late = createFakeSink()
    await handler({ sink: late })
    expect(late.head?.status).toBe(503)
    expect(sinks.map((sink) => sink.head?.status)).toEqual([200, 503, 503])
    expect(sse.stats()).toMatchObject({ queued: 0, rejected: { shutdown: 3 } })
    await vi.advanceTimersByTimeAsync(100)
    await closed
  })

  it('lets a stream that is ending already end as it was', async () => {
    const ends: string[] = []
    const sse = createFakeSse({ onEnd: (reason) => void ends.push(reason) })
    const sink = createFakeSink()
    sink.isFrozen = true
    void sse.handler(() => ['last'])({ sink })
    await turnEnd()
    const closed = sse.close({ graceMs: 1_000 })
    sink.thaw()
    await closed
    expect(ends).toEqual(['completed'])
  })

  it('called again waits for the first call, whose options hold', async () => {
    const { sse, sinks, ends } = open(2)
    await turnEnd()
    for (const sink of sinks) sink.isFrozen = true
    const states: string[] = []
    void sse.close({ graceMs: 1_000 }).then(() => states.push('first'))
    void sse.close({ graceMs: 0 }).then(() => states.push('second'))
    await vi.advanceTimersByTimeAsync(999)
    expect([states, ends]).toEqual([[], []])
    await vi.advanceTimersByTimeAsync(1)
    expect([...states].sort()).toEqual(['first', 'second'])
    expect(ends).toEqual(['shutdown', 'shutdown'])
  })

  it('refuses late clients without asking for their key', async () => {
    const key = vi.fn(() => {
      throw new Error('no user store any more')
    })
    const sse = createFakeSse({ limit: { maxConnectionsPerKey: 1, key } })
    const handler = sse.handler(() => ['never'])
    await sse.close()
    const late = createFakeSink()
    await handler({ sink: late })
    expect(late.head?.status).toBe(503)
    expect(key).not.toHaveBeenCalled()
  })

  it('does not put off the end of those that are ending already', async () => {
    const ends: string[] = []
    const sse = createFakeSse({ onEnd: (reason) => void ends.push(reason) })
    const handler = sse.handler(async (stream) => {
      await stream.send('a')
      await turnEnd()
      void stream.send('b')
    })
    const sinks = Array.from({ length: 40 }, createFakeSink)
    for (const sink of sinks) {
      sink.isFrozen = true
      sink.highWaterMark = 1
      void handler({ sink })
    }
    await turnEnd()
    await turnEnd()
    const closed = sse.close({ graceMs: 5_000 })
    for (const sink of sinks) sink.thaw()
    expect(ends).toEqual(sinks.map(() => 'completed'))
    await closed
  })

  it('leaves no timer when all clients left before their turn came', async () => {
    const { sse, sinks } = open(400)
    await turnEnd()
    const closed = sse.close({ graceMs: 5_000 })
    for (const sink of sinks) sink.leave()
    await closed
    await turnEnd()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits with one timer once the turn of all has come', async () => {
    const sse = createFakeSse({ heartbeatMs: 0, sendTimeoutMs: 0 })
    const sink = createFakeSink()
    void sse.handler(async (stream) => {
      await new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
    })({ sink })
    await turnEnd()
    sink.isFrozen = true
    const closed = sse.close({ graceMs: 1_000 })
    await vi.advanceTimersByTimeAsync(100)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(900)
    await closed
    expect(vi.getTimerCount()).toBe(0)
  })

  it('refuses bad options and stays open', async () => {
    const { sse } = open(1)
    await turnEnd()
    await expect(sse.close({ graceMs: -1 })).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_OPTION',
    })
    await expect(sse.close({ event: { event: 'a\nb' } })).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_OPTION',
    })
    expect(sse.stats().active).toBe(1)
  })
})
