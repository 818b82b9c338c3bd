import { describe, expectTypeOf, it } from 'vitest'
import {
  type Channel,
  createChannel,
  createRuns,
  createSharedChannel,
  createSse,
  type EventLog,
  type Published,
  type ServerSentEvent,
} from '../src/index.ts'
import { createSse as createNodeSse } from '../src/node.ts'

type PriceEvents = { price: { symbol: string; value: number }; halt: { reason: string } }

const prices = createChannel<PriceEvents>()
const sse = createSse()

describe('a channel with types', () => {
  it('takes its events', () => {
    expectTypeOf(
      prices.publish({ event: 'price', data: { symbol: 'A', value: 1 } }),
    ).toEqualTypeOf<Published>()
    prices.publish({ event: 'halt', data: { reason: 'x' } }, { key: 'A' })
    prices.close({ event: 'halt', data: { reason: 'x' } })
  })

  it('refuses others', () => {
    // @ts-expect-error another name
    prices.publish({ event: 'prices', data: { symbol: 'A', value: 1 } })
    // @ts-expect-error other data
    prices.publish({ event: 'price', data: { symbol: 'A', value: '1' } })
    // @ts-expect-error the data of another event
    prices.publish({ event: 'halt', data: { symbol: 'A', value: 1 } })
    // @ts-expect-error no type
    prices.publish('text')
    // @ts-expect-error no event
    prices.publish({ comment: 'x' })
    // @ts-expect-error other data
    prices.close({ event: 'halt', data: 1 })
  })

  it('gives filters and transforms its events', () => {
    sse.handler((stream) =>
      prices.subscribe(stream, {
        filter: (event) => {
          expectTypeOf(event.event).toEqualTypeOf<'price' | 'halt'>()
          return event.event === 'price' && event.data.symbol === 'A'
        },
        transform: (event) => (event.event === 'halt' ? event.data.reason : undefined),
      }),
    )
  })
})

describe('a channel without types', () => {
  it('takes anything, and gives filters what was published', () => {
    const channel = createChannel()
    expectTypeOf(channel).toEqualTypeOf<Channel>()
    channel.publish('text')
    channel.publish({ event: 'x', data: 1 })
    sse.handler((stream) =>
      channel.subscribe(stream, {
        filter: (event) => {
          expectTypeOf(event).toEqualTypeOf<ServerSentEvent>()
          return true
        },
      }),
    )
  })
})

describe('streams that follow a channel', () => {
  it('may have types or none', () => {
    sse.handler((stream) => prices.subscribe(stream))
    sse.handler<PriceEvents>((stream) => prices.subscribe(stream))
    createNodeSse().handler((stream) => prices.subscribe(stream))
    sse.handler(async (stream) => {
      await Promise.all([prices.subscribe(stream), createChannel().subscribe(stream)])
    })
  })

  it('are streams', () => {
    // @ts-expect-error a request is none
    void prices.subscribe(new Request('http://localhost'))
    // @ts-expect-error one of five
    sse.handler((stream) => prices.subscribe(stream, { overflow: 'drop' }))
  })
})

describe('a channel on a log of its own', () => {
  it('publishes later', () => {
    const shared = createSharedChannel<PriceEvents>({} as EventLog)
    const published = shared.publish({ event: 'halt', data: { reason: 'x' } })
    expectTypeOf(published).toEqualTypeOf<Promise<Published>>()
    sse.handler((stream) => shared.subscribe(stream))
    // @ts-expect-error the history is the log's business
    createSharedChannel({} as EventLog, { history: {} })
  })
})

describe('runs with types', () => {
  it('take sources of their events', () => {
    const runs = createRuns<PriceEvents>()
    const run = runs.createRun('a', async function* (signal) {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      yield { event: 'halt', data: { reason: 'x' } }
    })
    runs.createRun('b', [{ event: 'price', data: { symbol: 'A', value: 1 } }])
    sse.handler((stream) => run.subscribe(stream))
    run.cancel({ event: 'halt', data: { reason: 'x' } })
    // @ts-expect-error other data
    runs.createRun('c', [{ event: 'halt', data: 1 }])
    // @ts-expect-error another name
    run.cancel({ event: 'cancelled' })
  })
})
