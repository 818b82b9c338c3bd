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

describe('the wait for the response head', () => {
  it('says what was asked for', async () => {
    const error = await rejection(connect(() => new Promise(() => {}), { timeoutMs: 10 }))
    expect(error).toMatchObject({
      code: 'ERR_SSE_TEST_TIMEOUT',
      message: 'GET http://localhost/: no response head came within 10 ms',
    })
  })

  it('says when a function was taken for a request listener because of its parameters', async () => {
    const handler = (request: unknown, params: unknown) => new Response(typeof [request, params])
    const error = await rejection(connect(handler, { timeoutMs: 50 }))
    expect(error.message).toMatch(
      /no response head came within 50 ms; the target was taken for a request listener because it declares two parameters: pass `\{ fetch: handler \}` if it is a fetch handler$/,
    )
  })

  it('says nothing of parameters where an app is no guess', async () => {
    const app = Object.assign((req: unknown, res: unknown) => void [req, res], { handle: () => {} })
    const error = await rejection(connect(app, { timeoutMs: 50 }))
    expect(error.message).toMatch(/no response head came within 50 ms$/)
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
