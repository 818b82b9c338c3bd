import type { EndReason, SseStats } from '@sse/core'
import { expect } from 'vitest'
import type { Recorder } from './recorder.ts'
import type { Stage } from './stage.ts'

/** What must hold after every case: everything has ended, once, and nobody was told of an error. */
export function assertAftermath(recorder: Recorder, stats: SseStats, stage: Stage): void {
  expect(stats, 'stats() when all is over').toMatchObject({ active: 0, queued: 0, stalled: 0 })
  const subscribers = [stage.channel, stage.other].map((channel) => channel.stats().subscribers)
  expect(subscribers, 'subscribers when all is over').toEqual([0, 0])
  assertEndedOnce(recorder, stats)
  for (const { path, stream, aborts, endings } of recorder.streams) {
    expect(endings, `\`ended\` of ${path} resolves`).toHaveLength(1)
    expect(aborts.map(codeOf), `the signal of ${path} aborts once`).toEqual(endings)
    expect(reasonsOf(recorder, stream.id), `onEnd for ${path} is called once`).toEqual(endings)
  }
  const cleanups = recorder.sources.map(({ cleaned }) => cleaned)
  expect(cleanups, 'each source cleans up once').toEqual(cleanups.map(() => 1))
  expect(recorder.errors, 'unexpected calls of onError').toEqual([])
  expect(recorder.frameworkErrors, "unexpected errors in the framework's handler").toEqual([])
}

/** The `code` of an error. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}

function assertEndedOnce({ ends, opens }: Recorder, stats: SseStats): void {
  const ids = ends.map(({ info }) => info.id)
  expect(ids, 'onEnd is called once for each stream').toEqual([...new Set(ids)])
  expect(stats.opened, 'every stream that got a slot ends').toBe(ends.length)
  const counts: Partial<Record<EndReason, number>> = {}
  for (const { reason } of ends) counts[reason] = (counts[reason] ?? 0) + 1
  const ended = Object.entries(stats.ended).filter(([, count]) => count > 0)
  expect(Object.fromEntries(ended), 'stats().ended').toEqual(counts)
  const openIds = opens.map(({ info }) => info.id)
  expect(openIds, 'onOpen is called once at most').toEqual([...new Set(openIds)])
}

function reasonsOf({ ends }: Recorder, id: string): EndReason[] {
  return ends.filter(({ info }) => info.id === id).map(({ reason }) => reason)
}
