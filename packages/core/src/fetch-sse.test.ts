import { describe, expect, it, vi } from 'vitest'
import { turnEnd } from '../test/fake-sink.ts'
import type { EventStream } from './connection/event-stream.ts'
import { createSse, createWebSse, type FetchContext } from './fetch-sse.ts'

const untilEnd = async (stream: EventStream): Promise<void> => void (await stream.ended)
const request = (init?: RequestInit, url = 'http://localhost/events'): Request =>
  new Request(url, init)

describe('a fetch handler', () => {
  it('takes a Request', async () => {
    const sse = createSse()
    const answer = sse.handler((_stream, { request }) => [new URL(request.url).pathname])
    const response = await answer(request())
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(await response.text()).toBe(':\ndata: /events\n\n')
  })

  it('takes the same Request once more', async () => {
    const answer = createSse().handler(() => ['a'])
    const same = request()
    expect(await (await answer(same)).text()).toBe(':\ndata: a\n\n')
    expect(await (await answer(same)).text()).toBe(':\ndata: a\n\n')
  })

  it('takes an object that holds the request, which the handler gets as it is', async () => {
    const sse = createSse()
    const context = { request: request(), params: { id: '7' } }
    const seen: FetchContext[] = []
    const answer = sse.handler((_stream, opened) => {
      seen.push(opened)
      return ['a']
    })
    await (await answer(context)).text()
    expect(seen[0]).toBe(context)
  })

  it('streams: the first event is there before the source gives its second', async () => {
    const sse = createSse()
    let go: () => void = () => undefined
    const answer = sse.handler(async function* () {
      yield 'first'
      await new Promise<void>((resolve) => (go = resolve))
      yield 'second'
    })
    const reader = ((await answer(request())).body as ReadableStream<Uint8Array>).getReader()
    const read = async () => Buffer.from((await reader.read()).value as Uint8Array).toString()
    expect(await read()).toBe(':\ndata: first\n\n')
    go()
    expect(await read()).toBe('data: second\n\n')
    expect((await reader.read()).done).toBe(true)
  })

  it('puts what one turn brings into one chunk', async () => {
    const sse = createSse()
    const durations: number[] = []
    const answer = sse.handler(
      async function* () {
        yield* ['a', 'b']
        await Promise.resolve()
        yield 'c'
      },
      { onEnd: (_reason, { durationMs }) => void durations.push(durationMs) },
    )
    const response = await answer(request())
    const chunks: string[] = []
    for await (const chunk of response.body as never as AsyncIterable<Uint8Array>) {
      chunks.push(Buffer.from(chunk).toString())
    }
    expect(chunks).toEqual([':\ndata: a\n\ndata: b\n\ndata: c\n\n'])
    expect(durations.map(Number.isInteger)).toEqual([true])
  })

  it('rejects with what the handler throws before the head', async () => {
    const sse = createSse()
    const answer = sse.handler(() => {
      throw new Error('no question')
    })
    await expect(answer(request())).rejects.toThrow('no question')
    expect(sse.stats().active).toBe(0)
  })

  it('reads the last event ID from the header or the query', async () => {
    const sse = createSse()
    const answer = sse.handler((stream) => [stream.lastEventId ?? 'none'])
    const header = request({ headers: { 'Last-Event-ID': '7' } })
    expect(await (await answer(header)).text()).toContain('data: 7\n')
    const query = request({}, 'http://localhost/?lastEventId=%E2%82%AC')
    expect(await (await answer(query)).text()).toContain('data: €\n')
    expect(await (await answer(request())).text()).toContain('data: none\n')
  })

  it('answers HEAD with the head, and POST like GET', async () => {
    const sse = createSse()
    const answer = sse.handler(() => ['a'])
    const head = await answer(request({ method: 'HEAD' }))
    expect([head.status, head.body]).toEqual([200, null])
    expect(sse.stats().opened).toBe(0)
    const post = await answer(request({ method: 'POST', body: '{}' }))
    expect(await post.text()).toBe(':\ndata: a\n\n')
  })

  it('refuses with a whole response', async () => {
    const sse = createSse({ limit: { maxConnections: 1 } })
    const answer = sse.handler(untilEnd)
    await answer(request())
    const refused = await answer(request())
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'server-limit' } })
    await sse.close({ graceMs: 0 })
  })

  it('refuses softly with an event stream', async () => {
    const sse = createSse({ limit: { maxConnections: 1, soft: true } })
    const answer = sse.handler(untilEnd)
    await answer(request())
    const refused = await answer(request())
    expect(refused.status).toBe(200)
    expect(await refused.text()).toMatch(/^:\nretry: \d+\n$/)
    await sse.close({ graceMs: 0 })
  })
})

describe('what is no Request', () => {
  const pass = 'Pass what the server calls your handler with.'
  const ofNode =
    'That is the request of a Node server: use `@sse/core/node`, or the adapter of your framework.'
  const nodeRequest = { headers: {}, httpVersion: '1.1' }
  const fromKoa = { request: { ctx: {} } }
  fromKoa.request.ctx = fromKoa

  it.each([
    ['an object without one', { request: undefined }, `an object with request. ${pass}`],
    ['a URL', 'http://localhost/', `"http://localhost/". ${pass}`],
    ['nothing', undefined, `undefined. ${pass}`],
    ['null', null, `null. ${pass}`],
    ['a request of node:http', nodeRequest, `an object with headers, httpVersion. ${ofNode}`],
    [
      'request and response of node:http',
      { req: nodeRequest },
      `\`req\` = an object with headers, httpVersion. ${ofNode}`,
    ],
    [
      "Hono's c",
      { req: { raw: request() } },
      "`req` = an object with raw. That is Hono's `c`: use `@sse/hono`.",
    ],
    ["Koa's ctx", fromKoa, "`request` = an object with ctx. That is Koa's `ctx`: use `@sse/koa`."],
  ])('is refused: %s', async (_name, input, text) => {
    const message = `\`@sse/core\` needs a \`Request\`, or an object that holds one as \`request\`, got ${text}`
    const refusal = { code: 'ERR_SSE_INVALID_CONTEXT', message }
    const sse = createSse()
    await expect(sse.handler(() => ['a'])(input as never)).rejects.toMatchObject(refusal)
    await expect(sse.respond(input as never, ['a'])).rejects.toMatchObject(refusal)
  })

  it('is refused in the words of its adapter, or in those that fit any', async () => {
    const framework = {
      describe: ({ request }: FetchContext) => ({
        request,
        isSent: false,
        header: () => undefined,
        toResponse: () => new Response(),
      }),
      toHandler: () => undefined as never,
    }
    const help = { rule: '`sse-reply` needs a `reply`', fix: 'Pass `reply` itself.' }
    const respond = (sse: { respond: unknown }) =>
      (sse.respond as (context: unknown, source: string[]) => Promise<Response>)({}, ['a'])
    await expect(respond(createWebSse({}, { ...framework, help }))).rejects.toThrow(
      '`sse-reply` needs a `reply`, got {}. Pass `reply` itself.',
    )
    await expect(respond(createWebSse({}, framework))).rejects.toThrow(
      'A fetch-style handler must get a `Request`, got {}. Use the adapter of your framework, and give `respond()` what its handlers get as their second argument.',
    )
  })
})

describe('a client of a fetch handler', () => {
  it('that aborts its request ends the stream', async () => {
    const ends: string[] = []
    const sse = createSse({ onEnd: (reason) => void ends.push(reason) })
    const client = new AbortController()
    await sse.handler(untilEnd)(request({ signal: client.signal }))
    client.abort()
    expect(ends).toEqual(['client-disconnect'])
  })

  it('that cancels the body ends the stream', async () => {
    const ends: string[] = []
    const sse = createSse({ onEnd: (reason) => void ends.push(reason) })
    const response = await sse.handler(untilEnd)(request())
    await response.body?.cancel()
    expect(ends).toEqual(['client-disconnect'])
  })

  it('that aborted before gets 499, and its handler is not called', async () => {
    const sse = createSse()
    const handler = vi.fn()
    const response = await sse.handler(handler)(request({ signal: AbortSignal.abort() }))
    expect([response.status, response.body]).toEqual([499, null])
    expect(handler).not.toHaveBeenCalled()
  })

  it('that leaves while it is in line leaves no trace', async () => {
    const sse = createSse({ limit: { maxConnections: 1, maxQueued: 1 } })
    const answer = sse.handler(untilEnd)
    await answer(request())
    const client = new AbortController()
    const queued = answer(request({ signal: client.signal }))
    expect(sse.stats().queued).toBe(1)
    client.abort()
    expect((await queued).status).toBe(499)
    expect(sse.stats().queued).toBe(0)
    await sse.close({ graceMs: 0 })
  })

  it('that does not read is not written to beyond what its stream holds', async () => {
    const sse = createSse()
    let yielded = 0
    const response = await sse.handler(async function* () {
      for (;;) {
        yielded += 1
        yield 'x'.repeat(1_000)
      }
    })(request())
    for (let count = 0; count < 5; count += 1) await turnEnd()
    expect(yielded).toBeLessThan(200)
    await response.body?.cancel()
    expect(sse.stats().active).toBe(0)
  })

  it('may be ended from what listens to its own signal', async () => {
    const sse = createSse({ onError: () => undefined })
    const client = new AbortController()
    const response = await sse.handler(async function* (stream) {
      stream.signal.addEventListener('abort', () => client.abort())
      yield 'x'
      throw new Error('boom')
    })(request({ signal: client.signal }))
    await turnEnd()
    expect(sse.stats()).toMatchObject({ active: 0, ended: { 'source-error': 1 } })
    await response.body?.cancel()
  })
})

describe('respond', () => {
  it('answers from within an ordinary handler', async () => {
    const sse = createSse()
    const response = await sse.respond({ request: request() }, ['a'])
    expect(await response.text()).toBe(':\ndata: a\n\n')
  })

  it('takes a Request as it is, and gives its handler an object that holds it', async () => {
    const sse = createSse()
    const asked = request({}, 'http://localhost/jobs')
    const response = await sse.respond(asked, (_stream, { request }) => [request.url])
    expect(await response.text()).toBe(':\ndata: http://localhost/jobs\n\n')
  })

  it('is refused for a bare request that has a response already', async () => {
    const sse = createSse()
    const asked = request()
    await sse.respond(asked, untilEnd)
    await expect(sse.respond(asked, ['b'])).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    await sse.close({ graceMs: 0 })
  })

  it('is refused for a request that has a response already', async () => {
    const sse = createSse()
    const context = { request: request() }
    await sse.respond(context, ['a'])
    await expect(sse.respond(context, ['b'])).rejects.toMatchObject({
      code: 'ERR_SSE_RESPONSE_SENT',
    })
    const head = { request: request({ method: 'HEAD' }) }
    await sse.respond(head, ['a'])
    await expect(sse.respond(head, ['b'])).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
  })

  it('is refused for the second of two at once', async () => {
    const sse = createSse()
    const context = { request: request() }
    const first = sse.respond(context, untilEnd)
    const second = sse.respond(context, untilEnd)
    await expect(second).rejects.toMatchObject({ code: 'ERR_SSE_RESPONSE_SENT' })
    expect((await first).status).toBe(200)
    expect(sse.stats()).toMatchObject({ active: 1, opened: 2 })
    await sse.close({ graceMs: 0 })
  })

  it('is refused where the framework has a response already', async () => {
    const sse = createWebSse<FetchContext, never, Response>(
      {},
      {
        describe: ({ request }) => ({
          request,
          isSent: true,
          header: () => undefined,
          toResponse: () => new Response(),
        }),
        toHandler: () => undefined as never,
      },
    )
    await expect(sse.respond({ request: request() }, ['a'])).rejects.toMatchObject({
      code: 'ERR_SSE_RESPONSE_SENT',
    })
  })

  it('keeps a Cache-Control that the framework set', async () => {
    const sse = createWebSse<FetchContext, never, Response>(
      {},
      {
        describe: ({ request }) => ({
          request,
          isSent: false,
          header: (name) => (name === 'Cache-Control' ? 'private' : null),
          toResponse: ({ status, headers }, body) => new Response(body, { status, headers }),
        }),
        toHandler: () => undefined as never,
      },
    )
    const { headers } = await sse.respond({ request: request() }, ['a'])
    expect(headers.get('Cache-Control')).toBe('private, no-transform')
  })
})

describe('close', () => {
  it('sends the farewell to who reads, and ends the body', async () => {
    const sse = createSse()
    const response = await sse.handler(untilEnd)(request())
    const text = response.text()
    await sse.close({ event: 'bye' })
    expect(await text).toMatch(/^:\nretry: \d+\ndata: bye\n\n$/)
  })

  it('fails the body of who does not read, when the grace time is over', async () => {
    const sse = createSse()
    const response = await sse.handler(untilEnd)(request())
    await turnEnd()
    await sse.close({ graceMs: 20 })
    await expect(response.text()).rejects.toMatchObject({ code: 'shutdown' })
  })

  it('refused for a bad event can be called again', async () => {
    const sse = createSse()
    await expect(sse.close({ event: { data: 1n } })).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_OPTION',
    })
    expect((await sse.handler(() => ['a'])(request())).status).toBe(200)
    await sse.close({ graceMs: 0 })
    expect((await sse.handler(() => ['a'])(request())).status).toBe(503)
  })
})
