import { afterEach, describe, expect, it, vi } from 'vitest'
import { defer, eventStreamResponse, rejection } from '../../test/support.ts'
import { connect } from './connect.ts'

const silent = () => eventStreamResponse(new ReadableStream())

describe('a waiting method', () => {
  it('says what it waited for, how long, and what came', async () => {
    await using connection = await connect(silent)
    expect(await rejection(connection.take(2, { timeoutMs: 10 }))).toMatchObject({
      code: 'ERR_SSE_TEST_TIMEOUT',
      message:
        '`take(2)` timed out after 10 ms, the response is still open. ' +
        'Received so far: 0 events, 0 comments, 0 bytes.',
    })
  })

  it('waits no longer than told, whichever it is', async () => {
    await using connection = await connect(silent, { timeoutMs: 10 })
    const calls = [
      connection.nextEvent(),
      connection.take(1),
      connection.until('done'),
      connection.all(),
      connection.waitFor(() => false),
      connection.ended(),
      connection.response.text(),
      connection.events()[Symbol.asyncIterator]().next(),
    ]
    const codes = await Promise.all(calls.map(async (call) => (await rejection(call)).code))
    expect(codes).toEqual(calls.map(() => 'ERR_SSE_TEST_TIMEOUT'))
  })

  it('takes what comes after another has timed out', async () => {
    const started = defer<ReadableStreamDefaultController>()
    const body = new ReadableStream({ start: started.resolve })
    await using connection = await connect(() => eventStreamResponse(body))
    await rejection(connection.nextEvent({ timeoutMs: 10 }))
    const next = connection.nextEvent()
    const controller = await started.promise
    controller.enqueue(new TextEncoder().encode('data: late\n\n'))
    expect((await next).data).toBe('late')
  })

  it('times out on a source that never lets go of the event loop', async () => {
    const chunk = new TextEncoder().encode('data: x\n\n')
    const busy = new ReadableStream({ pull: (body) => body.enqueue(chunk) })
    await using connection = await connect(() => eventStreamResponse(busy))
    const error = await rejection(connection.until('never', { timeoutMs: 20 }))
    expect(error.code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(error.message).toMatch(/\(\d+ earlier\)/)
  })

  it('accepts to wait without a limit', async () => {
    await using connection = await connect(() => eventStreamResponse('data: a\n\n'))
    expect(await connection.take(1, { timeoutMs: Number.POSITIVE_INFINITY })).toHaveLength(1)
  })

  it('refuses a limit that is none', async () => {
    await using connection = await connect(silent)
    const error = await rejection(connection.nextEvent({ timeoutMs: Number.NaN }))
    expect(error.code).toBe('ERR_SSE_TEST_OPTION')
  })
})

describe('faked timers', () => {
  afterEach(() => void vi.useRealTimers())

  it('move the clock of the source and not that of the client', async () => {
    vi.useFakeTimers()
    const heartbeat = new TextEncoder().encode(':\n\n')
    let timer: ReturnType<typeof setInterval> | undefined
    const body = new ReadableStream({
      start: (controller) => {
        timer = setInterval(() => controller.enqueue(heartbeat), 15_000)
      },
      cancel: () => clearInterval(timer),
    })
    await using connection = await connect(() => eventStreamResponse(body))
    const three = connection.waitFor(({ comments }) => comments.length === 3)
    await vi.advanceTimersByTimeAsync(45_000)
    await three
    expect((await rejection(connection.nextEvent({ timeoutMs: 10 }))).code).toBe(
      'ERR_SSE_TEST_TIMEOUT',
    )
  })
})
