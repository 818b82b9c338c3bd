import { describe, expect, it } from 'vitest'
import { turnEnd } from '../../test/fake-sink.ts'
import { subscribe } from '../../test/subscriber.ts'
import { createChannel } from './channel.ts'

describe('a filter', () => {
  it('decides which events a stream gets, live and replayed', async () => {
    const channel = createChannel({ history: {} })
    channel.publish({ event: 'price', data: { symbol: 'ABC' } })
    channel.publish({ event: 'price', data: { symbol: 'XYZ' } })
    const isAbc = ({ data }: { data?: unknown }) => (data as { symbol: string }).symbol === 'ABC'
    const client = subscribe(channel, { subscribe: { filter: isAbc, from: 'start' } })
    await turnEnd()
    channel.publish({ event: 'price', data: { symbol: 'XYZ' } })
    channel.publish({ event: 'price', data: { symbol: 'ABC' } })
    await turnEnd()
    expect(client.data()).toEqual(['{"symbol":"ABC"}', '{"symbol":"ABC"}'])
    expect(channel.stats().delivered).toBe(2)
  })

  it('gets a string that was published as data', async () => {
    const channel = createChannel()
    const seen: unknown[] = []
    subscribe(channel, { subscribe: { filter: (event) => (seen.push(event), true) } })
    await turnEnd()
    channel.publish('text')
    await turnEnd()
    expect(seen).toEqual([{ data: 'text' }])
  })

  it('sends the shared bytes where it lets an event through', async () => {
    let serialised = 0
    const channel = createChannel({ serialize: () => String((serialised += 1)) })
    const clients = [1, 2, 3].map(() => subscribe(channel, { subscribe: { filter: () => true } }))
    await turnEnd()
    channel.publish({ data: {} })
    await turnEnd()
    expect(clients.map((client) => client.data())).toEqual([['1'], ['1'], ['1']])
  })

  it('that throws ends its own stream, with a masked error, and no other', async () => {
    const channel = createChannel()
    const fault = new Error('SECRET')
    const faulty = subscribe(channel, {
      subscribe: {
        filter: () => {
          throw fault
        },
      },
    })
    const healthy = subscribe(channel)
    await turnEnd()
    channel.publish('a')
    await turnEnd()
    channel.publish('b')
    await turnEnd()
    expect(faulty.data()).toEqual(['{"error":"Internal server error"}'])
    expect([faulty.ends, faulty.errors]).toEqual([['source-error'], [fault]])
    expect(healthy.data()).toEqual(['a', 'b'])
    expect(channel.stats().subscribers).toBe(1)
  })

  it('must answer at once', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { subscribe: { filter: (async () => true) as never } })
    await turnEnd()
    channel.publish('a')
    await turnEnd()
    expect(client.errors).toEqual([
      expect.objectContaining({
        message: '`filter` must answer at once, or events would overtake each other, got a promise',
      }),
    ])
  })
})

describe('a transform', () => {
  it('makes another event of each, with the id of the first', async () => {
    const channel = createChannel({ history: {} })
    const client = subscribe(channel, {
      subscribe: {
        transform: ({ data }) =>
          data === 'skip' ? undefined : { event: 'loud', data: `${String(data)}!`, id: 'mine' },
      },
    })
    await turnEnd()
    const { id } = channel.publish('a')
    channel.publish('skip')
    await turnEnd()
    expect(client.sink.text()).toBe(`:\nevent: loud\ndata: a!\nid: ${id}\n\n`)
  })

  it('may give text, and runs after the filter', async () => {
    const channel = createChannel()
    const client = subscribe(channel, {
      subscribe: {
        filter: ({ data }) => data !== 'a',
        transform: ({ data }) => `<${String(data)}>`,
      },
    })
    await turnEnd()
    channel.publish('a')
    channel.publish('b')
    await turnEnd()
    expect(client.data()).toEqual(['<b>'])
  })

  it('that gives what is no event ends its own stream', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { subscribe: { transform: () => ({ nothing: 1 }) as never } })
    await turnEnd()
    channel.publish('a')
    await turnEnd()
    expect(client.ends).toEqual(['source-error'])
    expect(client.errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_EVENT' })])
  })
})

describe('a key', () => {
  it('lets subscribers share what is filtered, transformed and encoded', async () => {
    const channel = createChannel({ history: {} })
    const calls = { filter: 0, transform: 0 }
    const options = (key: string | undefined) => ({
      key,
      filter: () => Boolean((calls.filter += 1)),
      transform: () => ({ event: 'x', data: (calls.transform += 1) }),
    })
    const german = [1, 2, 3].map(() => subscribe(channel, { subscribe: options('de') }))
    const french = subscribe(channel, { subscribe: options('fr') })
    await turnEnd()
    const { id } = channel.publish('a')
    await turnEnd()
    expect(calls).toEqual({ filter: 2, transform: 2 })
    expect(german.map((client) => client.data())).toEqual([['1'], ['1'], ['1']])
    expect(french.events()).toEqual([{ event: 'x', data: '2', id }])
    const late = subscribe(channel, { subscribe: { ...options('de'), from: 'start' } })
    await turnEnd()
    expect(late.data()).toEqual(['1'])
    expect(calls.transform).toBe(2)
  })

  it('is forgotten with its last subscriber', async () => {
    const channel = createChannel()
    const [first, second] = ['one', 'two'].map((text) => ({ transform: () => text, key: 'k' }))
    const client = subscribe(channel, { subscribe: first ?? {} })
    await turnEnd()
    client.sink.leave()
    const other = subscribe(channel, { subscribe: second ?? {} })
    await turnEnd()
    channel.publish('x')
    await turnEnd()
    expect(other.data()).toEqual(['two'])
  })
})
