import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, turnEnd } from '../../test/fake-sink.ts'
import { createRequestClock } from './clock.ts'
import type { EventStream } from './event-stream.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Opens streams that send what the test says. */
async function openStreams(count: number) {
  const sse = createFakeSse({ heartbeatMs: 1_000 })
  const streams: EventStream[] = []
  const handler = sse.handler(async (stream) => {
    streams.push(stream)
    await stream.ended
  })
  const sinks = Array.from({ length: count }, () => createFakeSink())
  for (const sink of sinks) void handler({ sink })
  await turnEnd()
  // Where turns end with a timer.
  await vi.advanceTimersByTimeAsync(10)
  return { sse, streams, sinks }
}

describe('clock of the connections', () => {
  it('is one timer for all of them', async () => {
    await openStreams(3)
    expect(vi.getTimerCount()).toBe(1)
  })
})

describe('clock of the connections on Cloudflare Workers', () => {
  beforeEach(() => void vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' }))

  it('is a timer for each of them, because a timer dies with its request', async () => {
    await openStreams(3)
    expect(vi.getTimerCount()).toBe(3)
  })

  it('leaves the heartbeats of the others alone when one ends', async () => {
    const { streams, sinks } = await openStreams(2)
    streams[0]?.close()
    await turnEnd()
    vi.advanceTimersByTime(1_050)
    expect(sinks[1]?.log).toEqual(['<open>', ':\n', ':\n'])
    expect(vi.getTimerCount()).toBe(1)
  })

  it('goes back to nothing when all have ended', async () => {
    const { sse, sinks } = await openStreams(2)
    for (const sink of sinks) sink.leave()
    await turnEnd()
    await vi.advanceTimersByTimeAsync(10)
    expect(vi.getTimerCount()).toBe(0)
    expect(sse.stats()).toMatchObject({ active: 0, ended: { 'client-disconnect': 2 } })
  })
})

describe('createRequestClock', () => {
  it('ends a turn as often as it is asked to', async () => {
    const { turns } = createRequestClock()
    const task = { isScheduled: false, onTurnEnd: vi.fn<() => void>() }
    for (let turn = 1; turn <= 3; turn += 1) {
      turns.schedule(task)
      turns.schedule(task)
      await vi.advanceTimersByTimeAsync(0)
      expect(task.onTurnEnd).toHaveBeenCalledTimes(turn)
    }
  })
})
