import { pointsAtCaller } from '../point-at-caller.ts'
import type { EventStreamConnection } from './event-stream-connection.ts'
import { assertEventStream, assertNotCut, type Call, endedEarly, timedOut } from './failures.ts'
import { invalidOption } from './invalid-option.ts'
import type { ReceivedEvent } from './received-event.ts'
import { type StreamState, takeUpTo } from './stream-state.ts'
import { resolveTimeoutMs, type WaitOptions } from './waiting.ts'

/** Waits on a connection: tries again whenever something came, and fails with a full account. */
export async function waitOn<T>(
  state: StreamState,
  call: Call,
  timeoutMs: number,
  attempt: () => T | undefined,
): Promise<T> {
  return state.waiting.wait(attempt, timeoutMs, () => timedOut(state, call, timeoutMs))
}

/** The methods of a connection that take events. */
export type Reading = Pick<EventStreamConnection, 'events' | 'nextEvent' | 'take' | 'until' | 'all'>

/** Makes the methods that take events. `timeoutMs` is their default. */
export function createReading(state: StreamState, timeoutMs: number): Reading {
  const limit = (options: WaitOptions | undefined) => resolveTimeoutMs(options, timeoutMs)
  return {
    events: (options) => ({
      [Symbol.asyncIterator]: () => ({
        next: pointsAtCaller(async () => nextResult(state, limit(options))),
      }),
    }),
    nextEvent: pointsAtCaller(async (options) => {
      const [event] = await takeCount(state, 1, '`nextEvent()`', limit(options))
      return event as ReceivedEvent
    }),
    take: pointsAtCaller(async (count, options) =>
      takeCount(state, count, `\`take(${count})\``, limit(options)),
    ),
    until: pointsAtCaller(async (match, options) => takeUntil(state, match, limit(options))),
    all: pointsAtCaller(async (options) => takeAll(state, limit(options))),
  }
}

async function nextResult(
  state: StreamState,
  timeoutMs: number,
): Promise<IteratorResult<ReceivedEvent, undefined>> {
  const call = { label: '`for await`', readsEvents: true }
  return waitOn<IteratorResult<ReceivedEvent, undefined>>(state, call, timeoutMs, () => {
    assertEventStream(state)
    const [value] =
      state.received.events.length > state.taken ? takeUpTo(state, state.taken + 1) : []
    if (value) return { done: false, value }
    assertNotCut(state, call)
    return state.end ? { done: true, value: undefined } : undefined
  })
}

async function takeCount(
  state: StreamState,
  count: number,
  label: string,
  timeoutMs: number,
): Promise<ReceivedEvent[]> {
  assertCount(count)
  const call = { label, readsEvents: true }
  return waitOn(state, call, timeoutMs, () => {
    assertEventStream(state)
    if (state.received.events.length - state.taken >= count) {
      return takeUpTo(state, state.taken + count)
    }
    assertNotCut(state, call)
    if (state.end) throw endedEarly(state, call)
    return undefined
  })
}

async function takeUntil(
  state: StreamState,
  match: string | ((event: ReceivedEvent) => boolean),
  timeoutMs: number,
): Promise<ReceivedEvent[]> {
  const isMatch = typeof match === 'string' ? (e: ReceivedEvent) => e.event === match : match
  const label = typeof match === 'string' ? `\`until('${match}')\`` : '`until(predicate)`'
  const call = { label, readsEvents: true }
  const { events } = state.received
  // Each event is shown to the predicate once, however often this is tried.
  let asked = state.taken
  return waitOn(state, call, timeoutMs, () => {
    assertEventStream(state)
    for (asked = Math.max(asked, state.taken); asked < events.length; asked++) {
      const event = events[asked]
      if (event && isMatch(event)) return takeUpTo(state, asked + 1)
    }
    assertNotCut(state, call)
    if (state.end) throw endedEarly(state, call)
    return undefined
  })
}

async function takeAll(state: StreamState, timeoutMs: number): Promise<ReceivedEvent[]> {
  const call = { label: '`all()`', readsEvents: true }
  return waitOn(state, call, timeoutMs, () => {
    assertEventStream(state)
    assertNotCut(state, call)
    return state.end && takeUpTo(state, state.received.events.length)
  })
}

function assertCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return
  throw invalidOption('count', 'a non-negative integer of events', count)
}
