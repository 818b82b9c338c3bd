import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openFake, turnEnd } from '../../test/fake-sink.ts'
import type { EventStream } from './event-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const untilEnd = async (stream: EventStream): Promise<void> => void (await stream.ended)

describe('heartbeat', () => {
  it('is a comment without a blank line, after each silence of heartbeatMs', async () => {
    const { sink } = openFake(untilEnd, { heartbeatMs: 1_000 })
    await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n'])
    vi.advanceTimersByTime(1_050)
    expect(sink.log).toEqual(['<open>', ':\n', ':\n'])
    vi.advanceTimersByTime(1_050)
    expect(sink.log).toEqual(['<open>', ':\n', ':\n', ':\n'])
  })

  it('never stops, however many were sent with nothing else', async () => {
    const { sink } = openFake(untilEnd, { heartbeatMs: 1_000 })
    await turnEnd()
    // More bytes than a stream may write in one turn.
    vi.advanceTimersByTime(36_000_000)
    expect(sink.log.length).toBeGreaterThan(35_000)
  })

  it('waits for silence: each event puts it off', async () => {
    let stream: EventStream | undefined
    const { sink } = openFake((opened) => untilEnd((stream = opened)), { heartbeatMs: 1_000 })
    await turnEnd()
    for (let count = 0; count < 5; count += 1) {
      vi.advanceTimersByTime(900)
      void stream?.send('x')
      await turnEnd()
    }
    expect(sink.log.filter((write) => write === ':\n')).toHaveLength(1)
  })

  it('is not sent while the client does not take what was sent before', async () => {
    const { sink } = openFake(untilEnd, { heartbeatMs: 1_000, sendTimeoutMs: 0 })
    await turnEnd()
    sink.isFrozen = true
    vi.advanceTimersByTime(10_000)
    expect(sink.log).toEqual(['<open>', ':\n', ':\n'])
    sink.thaw()
    vi.advanceTimersByTime(2_100)
    expect(sink.log.length).toBeGreaterThan(3)
  })

  it('is looked after no more once the stream is ending', async () => {
    let stream: EventStream | undefined
    const { sink, sse } = openFake((opened) => untilEnd((stream = opened)), {
      heartbeatMs: 1_000,
      sendTimeoutMs: 0,
      cleanupTimeoutMs: 0,
    })
    await turnEnd()
    sink.isFrozen = true
    stream?.close('last')
    vi.advanceTimersByTime(2_100)
    expect(sse.stats().active).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
    sink.leave()
  })

  it('is never sent when it is off', async () => {
    const { sink } = openFake(untilEnd, { heartbeatMs: 0 })
    await turnEnd()
    vi.advanceTimersByTime(1_000_000)
    expect(sink.log).toEqual(['<open>', ':\n'])
  })
})

describe('send timeout', () => {
  it('drops a client that takes no bytes, heartbeats included', async () => {
    const { sink, ends } = openFake(untilEnd, { heartbeatMs: 1_000, sendTimeoutMs: 5_000 })
    await turnEnd()
    sink.isFrozen = true
    vi.advanceTimersByTime(5_900)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(300)
    expect(ends).toEqual(['send-timeout'])
    expect(sink.log.at(-1)).toBe('<destroy>')
  })

  it('spares a slow client that takes some bytes', async () => {
    const { sink, ends } = openFake(
      async function* () {
        yield 'x'.repeat(10_000)
      },
      { sendTimeoutMs: 5_000, heartbeatMs: 0 },
    )
    sink.isFrozen = true
    await turnEnd()
    for (let count = 0; count < 20; count += 1) {
      vi.advanceTimersByTime(4_000)
      sink.take(100)
    }
    expect(ends).toEqual([])
    sink.thaw()
    await turnEnd()
    expect(ends).toEqual(['completed'])
  })

  it('counts from the last byte that was taken', async () => {
    let stream: EventStream | undefined
    const { sink, ends } = openFake((opened) => untilEnd((stream = opened)), {
      sendTimeoutMs: 5_000,
      heartbeatMs: 0,
    })
    await turnEnd()
    sink.isFrozen = true
    void stream?.send('x'.repeat(500))
    await turnEnd()
    vi.advanceTimersByTime(4_000)
    sink.take(100)
    void stream?.send('x')
    await turnEnd()
    vi.advanceTimersByTime(4_800)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(400)
    expect(ends).toEqual(['send-timeout'])
  })

  it('also ends a stream whose source is done but whose client does not take the rest', async () => {
    const { sink, ends } = openFake(() => ['last'], { sendTimeoutMs: 5_000 })
    sink.isFrozen = true
    await turnEnd()
    expect(sink.log.at(-1)).toBe('<end>')
    expect(ends).toEqual([])
    vi.advanceTimersByTime(5_100)
    expect(ends).toEqual(['send-timeout'])
  })

  it('leaves no timer behind', async () => {
    const { sink, ends } = openFake(() => ['last'], { sendTimeoutMs: 1_000 })
    sink.isFrozen = true
    await turnEnd()
    vi.advanceTimersByTime(1_100)
    expect(ends).toEqual(['send-timeout'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('spares a client that took everything, though it was never too slow to drain', async () => {
    let stream: EventStream | undefined
    const { sink, ends } = openFake((opened) => untilEnd((stream = opened)), {
      sendTimeoutMs: 5_000,
      heartbeatMs: 0,
    })
    await turnEnd()
    sink.isFrozen = true
    void stream?.send('x')
    await turnEnd()
    vi.advanceTimersByTime(4_000)
    sink.take(100)
    vi.advanceTimersByTime(60_000)
    expect(ends).toEqual([])
    sink.leave()
  })

  it('begins anew when the client took what waited, and more is written at once', async () => {
    let stream: EventStream | undefined
    const { sink, ends } = openFake((opened) => untilEnd((stream = opened)), {
      sendTimeoutMs: 5_000,
      heartbeatMs: 0,
    })
    await turnEnd()
    sink.isFrozen = true
    for (let count = 0; count < 5; count += 1) void stream?.send('x'.repeat(20_000))
    await turnEnd()
    vi.advanceTimersByTime(4_000)
    sink.take(1_000_000)
    vi.advanceTimersByTime(4_900)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(300)
    expect(ends).toEqual(['send-timeout'])
  })

  it('never ends a stream when it is off', async () => {
    const { sink, ends } = openFake(untilEnd, { sendTimeoutMs: 0 })
    sink.isFrozen = true
    await turnEnd()
    vi.advanceTimersByTime(100_000_000)
    expect(ends).toEqual([])
  })
})

describe('idle timeout', () => {
  it('ends a stream whose source sends no event, though heartbeats go out', async () => {
    const { sink, ends } = openFake(untilEnd, { idleTimeoutMs: 5_000, heartbeatMs: 1_000 })
    await turnEnd()
    vi.advanceTimersByTime(4_900)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(300)
    expect(ends).toEqual(['idle-timeout'])
    expect(sink.log.at(-1)).toBe('<end>')
  })

  it('is looked at no more once the stream is ending', async () => {
    let stream: EventStream | undefined
    const { sink, sse } = openFake(
      async (opened) => {
        stream = opened
        await opened.ended
      },
      { idleTimeoutMs: 5_000, sendTimeoutMs: 0, heartbeatMs: 0, cleanupTimeoutMs: 0 },
    )
    await turnEnd()
    sink.isFrozen = true
    void stream?.send('x')
    await turnEnd()
    vi.advanceTimersByTime(5_200)
    expect(stream?.signal.reason).toMatchObject({ code: 'idle-timeout' })
    expect(sse.stats().active).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
    sink.leave()
  })

  it('is put off by each event', async () => {
    let stream: EventStream | undefined
    const { ends } = openFake((opened) => untilEnd((stream = opened)), { idleTimeoutMs: 5_000 })
    await turnEnd()
    for (let count = 0; count < 5; count += 1) {
      vi.advanceTimersByTime(4_000)
      void stream?.send('x')
      await turnEnd()
    }
    expect(ends).toEqual([])
  })

  it('does not blame a source that is not asked because its client is slow', async () => {
    let signal: AbortSignal | undefined
    const { sink } = openFake(
      async function* (stream) {
        signal = stream.signal
        for (;;) yield 'x'.repeat(2_000)
      },
      { idleTimeoutMs: 5_000, sendTimeoutMs: 0 },
    )
    sink.isFrozen = true
    await turnEnd()
    vi.advanceTimersByTime(60_000)
    expect(signal?.aborted).toBe(false)
    sink.leave()
  })

  it('counts from when a slow client reads again: until then the source was not asked', async () => {
    const { sink, ends } = openFake(
      async function* (stream) {
        yield 'x'.repeat(2_000)
        yield 'x'.repeat(2_000)
        await stream.ended
      },
      { idleTimeoutMs: 5_000, sendTimeoutMs: 0, heartbeatMs: 0 },
    )
    sink.isFrozen = true
    await turnEnd()
    vi.advanceTimersByTime(4_000)
    sink.thaw()
    await turnEnd()
    vi.advanceTimersByTime(4_000)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(1_200)
    expect(ends).toEqual(['idle-timeout'])
  })
})

describe('maximum duration', () => {
  it.each([
    [0, 8_000],
    [0.5, 9_000],
    [0.999_999_9, 10_000],
  ])('is random: with %d it ends after %i ms', async (random, endsAtMs) => {
    const spy = vi.spyOn(Math, 'random').mockReturnValue(random)
    const { ends } = openFake(untilEnd, { maxDurationMs: 10_000, heartbeatMs: 0 })
    await turnEnd()
    spy.mockRestore()
    vi.advanceTimersByTime(endsAtMs - 1)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(1 + endsAtMs / 64)
    expect(ends).toEqual(['max-duration'])
  })

  it('ends each stream at its own moment between 80 and 100 % of it', async () => {
    const { ends } = openFake(untilEnd, { maxDurationMs: 10_000 })
    await turnEnd()
    vi.advanceTimersByTime(7_999)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(2_200)
    expect(ends).toEqual(['max-duration'])
  })

  it('leaves no timer behind', async () => {
    const { ends } = openFake(untilEnd, { maxDurationMs: 1_000, cleanupTimeoutMs: 60_000 })
    await turnEnd()
    vi.advanceTimersByTime(1_100)
    expect(ends).toEqual(['max-duration'])
    await turnEnd()
    expect(vi.getTimerCount()).toBe(0)
  })
})
