import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import {
  createSse,
  type EndReason,
  type EventInputOf,
  type EventOf,
  type EventStream,
  type EventsOf,
  encodeEvent,
  type FetchContext,
  type Handler,
  type RejectReason,
  type ServerSentEvent,
  SseError,
  type SseErrorCode,
  type SseStats,
} from '../src/index.ts'
import { createSse as createNodeSse, type NodeContext } from '../src/node.ts'

type ChatEvents = {
  token: { content: string }
  done: { total: number }
  message: string
}

const sse = createSse()
const node = createNodeSse()

describe('a handler without a map of events', () => {
  it('may send any event, or a string', () => {
    sse.handler(async function* (stream) {
      expectTypeOf(stream.send).parameter(0).toEqualTypeOf<ServerSentEvent | string>()
      yield 'text'
      yield { event: 'anything', data: { n: 1 }, id: 7, retry: 5, comment: 'x' }
    })
  })

  it('may not yield what is no event', () => {
    // @ts-expect-error a number is no event
    sse.handler(() => [5])
    // @ts-expect-error no property of an event
    sse.handler(() => [{ content: 'x' }])
    // @ts-expect-error an event type is a string
    sse.handler(() => [{ event: 5 }])
    // @ts-expect-error retry is a number
    sse.handler(() => [{ retry: '5' }])
  })

  it('may be every kind of source', () => {
    sse.handler(() => ['a'])
    sse.handler(function* () {
      yield 'a'
    })
    sse.handler(() => new ReadableStream<string>())
    sse.handler(async () => ['a'])
    sse.handler(() => undefined)
    sse.handler(async (stream) => {
      await stream.send('a')
    })
    sse.handler(() => Promise.resolve(new Set(['a'])))
  })

  it('may not return what is no source', () => {
    // @ts-expect-error a number is no source
    sse.handler(() => 5)
    // @ts-expect-error one event is no source
    sse.handler(() => ({ data: 'x' }))
    // @ts-expect-error a handler is a function
    sse.handler(['a'])
    // @ts-expect-error a Response is no source
    sse.handler(() => new Response('x'))
  })
})

describe('a handler with a map of events', () => {
  it('may yield and send events of the map', () => {
    sse.handler<ChatEvents>(async function* (stream) {
      await stream.send({ event: 'token', data: { content: 'hi' }, id: 1 })
      stream.close({ event: 'done', data: { total: 1 } })
      yield { event: 'done', data: { total: 2 }, retry: 5, comment: 'x' }
      yield { data: 'of type message' }
      yield { event: 'message', data: 'the same' }
      yield { comment: 'only a comment' }
    })
  })

  it('may not yield a type that is not in the map', () => {
    sse.handler<ChatEvents>(async (stream) => {
      // @ts-expect-error unknown event type
      await stream.send({ event: 'tokne', data: { content: 'hi' } })
      // @ts-expect-error unknown event type
      stream.close({ event: 'bye', data: 1 })
    })
    // @ts-expect-error unknown event type
    sse.handler<ChatEvents>(() => [{ event: 'other', data: 1 }])
  })

  it('may not yield data of another type', () => {
    sse.handler<ChatEvents>(async (stream) => {
      // @ts-expect-error content is a string
      await stream.send({ event: 'token', data: { content: 5 } })
      // @ts-expect-error data of another event
      await stream.send({ event: 'done', data: { content: 'x' } })
      // @ts-expect-error data is missing
      await stream.send({ event: 'done' })
      // @ts-expect-error a message is a string
      await stream.send({ data: 5 })
    })
  })

  it('may not yield a message where the map has none', () => {
    sse.handler<{ token: string }>(async (stream) => {
      // @ts-expect-error an event without a type is a message
      await stream.send({ data: 'x' })
      // @ts-expect-error a string is a message
      await stream.send('x')
    })
  })

  it('says which types belong to which data', () => {
    expectTypeOf<EventOf<ChatEvents>['data']>().toEqualTypeOf<
      { content: string } | { total: number } | string
    >()
    expectTypeOf<Extract<EventOf<ChatEvents>, { event: 'token' }>['data']>().toEqualTypeOf<{
      content: string
    }>()
    expectTypeOf<EventInputOf<Record<string, unknown>>>().toEqualTypeOf<ServerSentEvent | string>()
  })

  it('works for respond, too', () => {
    const context = { request: new Request('http://x') }
    void sse.respond<ChatEvents>(context, [{ event: 'done', data: { total: 1 } }])
    // @ts-expect-error unknown event type
    void sse.respond<ChatEvents>(context, [{ event: 'other', data: 1 }])
    void sse.respond<ChatEvents>(context.request, (_stream, { request }) => {
      expectTypeOf(request).toEqualTypeOf<Request>()
      return [{ event: 'done', data: { total: 1 } }]
    })
    // @ts-expect-error unknown event type
    void sse.respond<ChatEvents>(context.request, [{ event: 'other', data: 1 }])
    // @ts-expect-error a limit that is made for one response limits nothing
    void sse.respond(context, ['a'], { limit: { maxConnections: 1 } })
  })
})

describe('schemas', () => {
  const schemas = {
    token: z.object({ content: z.string() }),
    progress: v.object({ percent: v.number() }),
    size: z.string().transform((text) => text.length),
  }

  it('say what a handler may send: what goes into the schema', () => {
    expectTypeOf<EventsOf<typeof schemas>>().toEqualTypeOf<{
      token: { content: string }
      progress: { percent: number }
      size: string
    }>()
    sse.handler(
      async function* (stream) {
        await stream.send({ event: 'token', data: { content: 'hi' } })
        // @ts-expect-error percent is a number
        await stream.send({ event: 'progress', data: { percent: '5' } })
        // @ts-expect-error no schema of this type
        await stream.send({ event: 'other', data: 1 })
        yield { event: 'size', data: 'four' }
      },
      { events: schemas },
    )
  })

  it('check what every kind of handler yields', () => {
    sse.handler((stream) => [{ event: 'size', data: stream.id }], { events: schemas })
    sse.handler(async (stream) => [{ event: 'size', data: stream.id }], { events: schemas })
    sse.handler(
      function* (stream) {
        yield { event: 'token', data: { content: stream.id } }
        yield { comment: 'x' }
      },
      { events: schemas, heartbeatMs: 0 },
    )
    // @ts-expect-error no schema of this type
    sse.handler((stream) => [{ event: 'other', data: stream.id }], { events: schemas })
    // @ts-expect-error a size is made of text
    sse.handler(async (stream) => [{ event: 'size', data: stream.signal }], { events: schemas })
    sse.handler(
      // @ts-expect-error content is text
      async function* (stream) {
        yield { event: 'token', data: { content: stream.signal } }
      },
      { events: schemas },
    )
  })

  it('must be schemas', () => {
    // @ts-expect-error no schema
    sse.handler(() => [], { events: { token: 'string' } })
  })
})

describe('what a handler gets', () => {
  it('is the stream', () => {
    sse.handler((stream) => {
      expectTypeOf(stream.signal).toEqualTypeOf<AbortSignal>()
      expectTypeOf(stream.ended).toEqualTypeOf<Promise<EndReason>>()
      expectTypeOf(stream.id).toEqualTypeOf<string>()
      expectTypeOf(stream.lastEventId).toEqualTypeOf<string | undefined>()
      expectTypeOf(stream.send('a')).toEqualTypeOf<Promise<void>>()
      expectTypeOf(stream.comment('a')).toEqualTypeOf<Promise<void>>()
      expectTypeOf(stream.close()).toEqualTypeOf<void>()
    })
    expectTypeOf<EventStream>().toHaveProperty('close')
  })

  it('and the context of its door: the request for fetch', () => {
    sse.handler((_stream, context) => {
      expectTypeOf(context).toEqualTypeOf<FetchContext>()
      expectTypeOf(context.request).toEqualTypeOf<Request>()
    })
    expectTypeOf(sse.handler(() => [])).returns.toEqualTypeOf<Promise<Response>>()
    expectTypeOf(sse.handler(() => []))
      .parameter(0)
      .toEqualTypeOf<Request | FetchContext>()
  })

  it('and the context of its door: request and response for Node', () => {
    node.handler((_stream, context) => {
      expectTypeOf(context).toEqualTypeOf<NodeContext>()
    })
    expectTypeOf<IncomingMessage>().toExtend<NodeContext['req']>()
    expectTypeOf<ServerResponse>().toExtend<NodeContext['res']>()
    expectTypeOf(node.handler(() => [])).returns.toEqualTypeOf<Promise<void>>()
    void node.respond({} as NodeContext, ['a']).then((result) => {
      expectTypeOf(result).toEqualTypeOf<void>()
    })
  })

  it('is the same for hooks and the key of the limit', () => {
    createNodeSse({
      limit: { maxConnectionsPerKey: 1, key: ({ req }) => req.headers['x-user']?.toString() },
      onEnd: (reason, info) => {
        expectTypeOf(reason).toEqualTypeOf<EndReason>()
        expectTypeOf(info.context).toEqualTypeOf<NodeContext>()
      },
      onReject: (reason, context) => {
        expectTypeOf(reason).toEqualTypeOf<RejectReason>()
        expectTypeOf(context).toEqualTypeOf<NodeContext>()
      },
      onError: (error) => expectTypeOf(error).toEqualTypeOf<unknown>(),
    })
  })

  it('lets a handler be declared apart', () => {
    const handler: Handler<ChatEvents, FetchContext> = async function* () {
      yield { event: 'token', data: { content: 'x' } }
    }
    expectTypeOf(sse.handler(handler)).toBeFunction()
  })
})

describe('options', () => {
  it('take numbers, and false where something can be off', () => {
    createSse({ heartbeatMs: false, sendTimeoutMs: 0, maxEvents: false, idleTimeoutMs: undefined })
    // @ts-expect-error cannot be off
    createSse({ maxBufferedBytes: false })
    // @ts-expect-error true is no duration
    createSse({ heartbeatMs: true })
    // @ts-expect-error unknown option
    createSse({ heartbeat: 5 })
    // @ts-expect-error unknown option of the limit
    createSse({ limit: { max: 5 } })
    // @ts-expect-error formatError gives an event
    createSse({ formatError: () => 5 })
    // @ts-expect-error an asynchronous formatError would come too late
    createSse({ formatError: async () => ({ data: 'x' }) })
    // @ts-expect-error a serializer gives text
    createSse({ serialize: () => 5 })
  })

  it('of close', () => {
    expectTypeOf(sse.close({ graceMs: 0, retryMs: 5, event: 'bye' })).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error unknown option
    void sse.close({ grace: 5 })
  })
})

describe('the rest', () => {
  it('is typed', () => {
    expectTypeOf(sse.stats()).toEqualTypeOf<SseStats>()
    expectTypeOf<keyof SseStats['ended']>().toEqualTypeOf<EndReason>()
    expectTypeOf<keyof SseStats['rejected']>().toEqualTypeOf<RejectReason>()
    expectTypeOf<EndReason>().toExtend<SseErrorCode>()
    expectTypeOf(new SseError('closed', '').code).toEqualTypeOf<SseErrorCode>()
    expectTypeOf(encodeEvent('a')).toEqualTypeOf<string>()
  })
})
