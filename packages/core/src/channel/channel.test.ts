import { describe, expect, it } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { createFakeSink, createFakeSse, turnEnd } from '../../test/fake-sink.ts'
import { parseStream } from '../../test/parse-stream.ts'
import { subscribe } from '../../test/subscriber.ts'
import type { EventStream } from '../connection/event-stream.ts'
import { createChannel } from './channel.ts'

describe('publish', () => {
  it('reaches every subscriber, with the bytes of one encoding', async () => {
    let serialised = 0
    const channel = createChannel({
      serialize: (data) => {
        serialised += 1
        return JSON.stringify(data)
      },
    })
    const clients = [subscribe(channel), subscribe(channel), subscribe(channel)]
    await turnEnd()
    expect(channel.publish({ event: 'price', data: { value: 3 } })).toMatchObject({
      subscribers: 3,
    })
    await turnEnd()
    const text = ':\nevent: price\ndata: {"value":3}\n\n'
    expect(clients.map(({ sink }) => sink.text())).toEqual([text, text, text])
    expect(serialised).toBe(1)
  })

  it('gives all subscribers the same array of bytes', async () => {
    const channel = createChannel()
    const written: Uint8Array[] = []
    for (let client = 0; client < 2; client += 1) {
      const sink = createFakeSink()
      const { write } = sink
      sink.write = (bytes) => (written.push(bytes), write(bytes))
      subscribe(channel, { sink })
    }
    await turnEnd()
    written.length = 0
    channel.publish('one')
    channel.publish('two')
    await turnEnd()
    expect(written).toHaveLength(2)
    expect(written[0]?.buffer).toBe(written[1]?.buffer)
  })

  it('gives all subscribers the same arrays of bytes, also where they are not equally far', async () => {
    const channel = createChannel()
    const written: Uint8Array[] = []
    const sinks = Array.from({ length: 3 }, () => {
      const sink = createFakeSink()
      const { write } = sink
      sink.write = (bytes) => (written.push(bytes), write(bytes))
      subscribe(channel, { sink })
      return sink
    })
    await turnEnd()
    written.length = 0
    for (const sink of sinks.slice(1)) sink.isFrozen = true
    for (let count = 0; count < 11; count += 1) channel.publish('x'.repeat(16_000))
    // The first goes on while the others wait; of these one is let go on at a time.
    await turnEnd()
    await turnEnd()
    for (const sink of sinks) {
      sink.thaw()
      await turnEnd()
      await turnEnd()
    }
    expect(sinks.map(({ text }) => text().length)).toEqual(Array(3).fill(2 + 11 * 16_008))
    expect(new Set(written.map(({ buffer }) => buffer)).size).toBe(written.length / 3)
  })

  it('sends what one turn brought in one write', async () => {
    const channel = createChannel()
    const { sink } = subscribe(channel)
    await turnEnd()
    for (const data of ['one', 'two', 'three']) channel.publish(data)
    await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n', 'data: one\n\ndata: two\n\ndata: three\n\n'])
  })

  it('reaches a client that subscribed in the same turn, before its head', async () => {
    const channel = createChannel()
    channel.publish('before')
    const client = subscribe(channel)
    channel.publish('after')
    await turnEnd()
    expect(client.data()).toEqual(['after'])
  })

  it('comes before what the stream is sent after it', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    void sse.handler(async (stream) => {
      const subscription = channel.subscribe(stream)
      await stream.send('zero')
      channel.publish('one')
      await stream.send('two')
      channel.publish('three')
      await turnEnd()
      await turnEnd()
      stream.close()
      await subscription
    })({ sink })
    for (let turn = 0; turn < 4; turn += 1) await turnEnd()
    expect(sink.text()).toBe(':\ndata: zero\n\ndata: one\n\ndata: two\n\ndata: three\n\n')
  })

  it('is told by its sink what the last turn published, though the stream ends in it', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    void sse.handler((stream) => channel.subscribe(stream))({ sink })
    await turnEnd()
    channel.publish('last')
    await sse.close({ retryMs: 0 })
    expect(sink.text()).toBe(':\ndata: last\n\nretry: 0\n')
  })

  it.each(['close', 'shutdown'])(
    'arrives whole before the %s of a stream whose client reads',
    async (how) => {
      const channel = createChannel()
      const sse = createFakeSse()
      const sink = createFakeSink()
      let close = (): void => undefined
      void sse.handler(async (stream) => {
        close = () => stream.close('bye')
        await channel.subscribe(stream)
      })({ sink })
      await turnEnd()
      const data = Array.from({ length: 64 }, (_, number) => `${number}`.padEnd(8_192, '.'))
      for (const each of data) channel.publish(each)
      if (how === 'close') close()
      else void sse.close({ event: 'bye', retryMs: 0 })
      for (let turn = 0; turn < 30; turn += 1) await turnEnd()
      expect(parseStream(sink.text()).events.map((event) => event.data)).toEqual([...data, 'bye'])
    },
  )

  it('needs no subscriber', () => {
    const channel = createChannel({ history: {} })
    expect(channel.publish('x').subscribers).toBe(0)
    expect(channel.stats()).toMatchObject({ published: 1, delivered: 0, history: { events: 1 } })
  })

  it('splits a turn that publishes a lot, so that it is not held until the end', async () => {
    const channel = createChannel()
    const client = subscribe(channel)
    await turnEnd()
    for (let number = 0; number < 1_000; number += 1) channel.publish(String(number))
    // All but what came since the last portion has left within the turn.
    expect(client.data().length).toBeGreaterThan(700)
    await turnEnd()
    expect(client.data()).toEqual(Array.from({ length: 1_000 }, (_, number) => String(number)))
  })

  it.each([
    ['no event', { percent: 4 }, 'ERR_SSE_INVALID_EVENT'],
    ['a comment alone', { comment: 'x' }, 'ERR_SSE_INVALID_EVENT'],
    ['a reconnection time alone', { retry: 5 }, 'ERR_SSE_INVALID_EVENT'],
    ['a line end in the type', { event: 'a\nb', data: 'x' }, 'ERR_SSE_INVALID_FIELD'],
    ['binary data', { data: new Uint8Array(1) }, 'ERR_SSE_INVALID_DATA'],
    ['an id where the history gives one', { id: '7', data: 'x' }, 'ERR_SSE_INVALID_EVENT'],
  ])('refuses %s, and publishes nothing', async (_, event, code) => {
    const channel = createChannel({ history: {} })
    const client = subscribe(channel)
    await turnEnd()
    expect(() => channel.publish(event as never)).toThrow(expect.objectContaining({ code }))
    channel.publish('next')
    await turnEnd()
    expect(client.data()).toEqual(['next'])
    expect(channel.stats()).toMatchObject({ published: 1, subscribers: 1 })
  })

  it('refuses a key that is no text', () => {
    const channel = createChannel()
    expect(() => channel.publish('x', { key: 7 as never })).toThrow('`key` must be a string, got 7')
  })

  it('refuses options that are none', () => {
    const channel = createChannel()
    expect(() => channel.publish('x', null as never)).toThrow(
      '`options` must be an object, got null',
    )
    expect(() => channel.publish('x', { kee: 'a' } as never)).toThrow('`kee` is not one of key')
    expect(channel.stats().published).toBe(0)
  })

  it('sends an id of the app in a channel without history', async () => {
    const channel = createChannel()
    const client = subscribe(channel)
    await turnEnd()
    channel.publish({ id: 'mine', data: 'x' })
    await turnEnd()
    expect(client.events()).toEqual([{ event: undefined, data: 'x', id: 'mine' }])
  })
})

describe('subscribe', () => {
  it('leaves nothing behind when the client leaves', async () => {
    const channel = createChannel()
    const client = subscribe(channel)
    await turnEnd()
    expect(channel.stats().subscribers).toBe(1)
    client.sink.leave()
    expect(channel.stats().subscribers).toBe(0)
    expect(client.ends).toEqual(['client-disconnect'])
    expect(channel.publish('x').subscribers).toBe(0)
  })

  it('ends with its signal, and leaves the stream open', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    const controller = new AbortController()
    void sse.handler(async (stream) => {
      await channel.subscribe(stream, { signal: controller.signal })
      await stream.send('unsubscribed')
      await stream.ended
    })({ sink })
    await turnEnd()
    channel.publish('one')
    await turnEnd()
    controller.abort()
    await turnEnd()
    channel.publish('two')
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: one\n\ndata: unsubscribed\n\n')
    expect(channel.stats().subscribers).toBe(0)
    expect(sse.stats().active).toBe(1)
    sink.leave()
  })

  it('resolves at once for a stream that is over, or a signal that has aborted', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    const results: string[] = []
    await sse.handler(async (stream) => {
      await channel.subscribe(stream, { signal: AbortSignal.abort() })
      results.push('aborted')
      stream.close()
      await channel.subscribe(stream)
      results.push('over')
    })({ sink })
    await turnEnd()
    expect(results).toEqual(['aborted', 'over'])
    expect(channel.stats().subscribers).toBe(0)
  })

  it('refuses more than maxSubscribers, before the head', async () => {
    const channel = createChannel({ maxSubscribers: 1 })
    const first = subscribe(channel)
    const second = subscribe(channel)
    await expect(second.answered).rejects.toMatchObject({
      code: 'ERR_SSE_LIMIT_REACHED',
      message: 'A channel must have at most `maxSubscribers` (1), got one more.',
    })
    expect(second.sink.log).toEqual([])
    first.sink.leave()
    const third = subscribe(channel)
    await third.answered
    expect(channel.stats().subscribers).toBe(1)
  })

  it('refuses what is no stream', () => {
    const channel = createChannel()
    for (const stream of [undefined, null, {}, { id: 'x', send() {} }]) {
      expect(() => channel.subscribe(stream as never)).toThrow(
        expect.objectContaining({ code: 'ERR_SSE_INVALID_STREAM' }),
      )
    }
  })

  it('follows several channels with one stream', async () => {
    const channels = [createChannel(), createChannel()] as const
    const client = subscribe(channels)
    await turnEnd()
    channels[0].publish('a')
    channels[1].publish('b')
    await turnEnd()
    expect(client.data()).toEqual(['a', 'b'])
  })

  it('takes turns with the other channels of its stream, when their client is slow', async () => {
    const channels = [createChannel(), createChannel(), createChannel()] as const
    const client = subscribe(channels)
    await turnEnd()
    client.sink.isFrozen = true
    client.sink.highWaterMark = 1
    for (const [index, channel] of channels.entries()) channel.publish(`first of ${index}`)
    await turnEnd()
    for (let turn = 0; turn < 6; turn += 1) {
      channels[0].publish('more')
      client.sink.take(10_000)
      await turnEnd()
    }
    expect(client.data()).toContain('first of 1')
    expect(client.data()).toContain('first of 2')
  })

  it('keeps its events to itself while another channel has filled the stream', async () => {
    const [first, second] = [
      createChannel(),
      createChannel({ overflow: 'drop-oldest', queue: { maxEvents: 1 } }),
    ]
    const client = subscribe([first, second])
    await turnEnd()
    client.sink.isFrozen = true
    client.sink.highWaterMark = 1
    first.publish('fills it')
    second.publish('is too old')
    await turnEnd()
    for (const data of ['is too old as well', 'is there']) {
      second.publish(data)
      await turnEnd()
    }
    client.sink.thaw()
    await turnEnd()
    await turnEnd()
    expect(client.data()).not.toContain('is too old')
    expect(client.data().at(-1)).toBe('is there')
  })

  it('counts towards the maxEvents of the stream, exactly', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { route: { maxEvents: 2 } })
    await turnEnd()
    for (const data of ['one', 'two', 'three']) channel.publish(data)
    await turnEnd()
    expect(client.data()).toEqual(['one', 'two'])
    expect(client.ends).toEqual(['closed'])
    expect(channel.stats()).toMatchObject({ subscribers: 0, delivered: 2 })
  })

  it('follows a channel with history only once', async () => {
    const channel = createChannel({ history: {} })
    const client = subscribe([channel, channel])
    await expect(client.answered).rejects.toMatchObject({ code: 'ERR_SSE_INVALID_STREAM' })
    expect(channel.stats().subscribers).toBe(0)
    const plain = createChannel()
    const twice = subscribe([plain, plain])
    await turnEnd()
    plain.publish('a')
    await turnEnd()
    expect(twice.data()).toEqual(['a', 'a'])
  })

  it('takes exactly maxEvents of what is sent and what is published', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    const follow = async (stream: EventStream) => {
      void channel.subscribe(stream)
      await stream.send('sent')
      channel.publish('published')
      await stream.send('too much')
      await stream.ended
    }
    void sse.handler(follow, { maxEvents: 2 })({ sink })
    await turnEnd()
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: sent\n\ndata: published\n\n')
    expect(sse.stats()).toMatchObject({ events: 2, dropped: 1, ended: { closed: 1 } })
  })

  it('may wait while it sends, though a large event of the channel is on its way', async () => {
    const channel = createChannel()
    const sse = createFakeSse()
    const sink = createFakeSink()
    let sent = 0
    const follow = async (stream: EventStream) => {
      void channel.subscribe(stream)
      for (; !stream.signal.aborted; sent += 1) {
        await stream.send('x')
        await turnEnd()
      }
    }
    void sse.handler(follow, { maxBufferedBytes: 10_000 })({ sink })
    await turnEnd()
    sink.isFrozen = true
    channel.publish('y'.repeat(50_000))
    for (let turn = 0; turn < 6; turn += 1) await turnEnd()
    expect(sse.stats().active).toBe(1)
    const before = sent
    sink.thaw()
    for (let turn = 0; turn < 12; turn += 1) await turnEnd()
    expect(sent).toBeGreaterThan(before)
    sink.leave()
  })

  it('takes turns of 64 KiB', async () => {
    const channel = createChannel()
    const client = subscribe(channel)
    await turnEnd()
    client.sink.log.length = 0
    for (let number = 0; number < 12; number += 1) channel.publish('x'.repeat(10_000))
    const sizes = (): number[] => client.sink.log.map((text) => text.length)
    await turnEnd()
    await turnEnd()
    expect(client.data()).toHaveLength(12)
    expect(Math.max(...sizes())).toBeLessThanOrEqual(65_536)
  })
})

describe('a stream', () => {
  it('is given no more in a turn for following many channels', async () => {
    const channels = Array.from({ length: 6 }, () => createChannel())
    const sink = createFakeSink()
    const { write } = sink
    let bytes = 0
    const turns: number[] = []
    sink.write = (piece) => ((bytes += piece.length), write(piece))
    const client = subscribe(channels, { sink })
    await turnEnd()
    for (const channel of channels) {
      for (let count = 0; count < 8; count += 1) channel.publish('x'.repeat(30_000))
    }
    while (client.data().length < 48) {
      await new Promise((resolve) => setImmediate(resolve))
      turns.push(bytes)
      bytes = 0
    }
    // The first is two turns: the one that publishes, in which much leaves early, and its end. A write may go beyond.
    expect(Math.max(...turns)).toBeLessThanOrEqual(4 * 65_536)
  })

  it('that comes while others are made to look still has its turn before its head', async () => {
    const channel = createChannel()
    const opened: Promise<void>[] = []
    const sink = createFakeSink()
    const sse = createFakeSse({ onError: () => undefined })
    const late = sse.handler(async (stream) => {
      void channel.subscribe(stream)
      await Promise.resolve()
      throw new Error('not found')
    })
    const filter = () => {
      if (opened.length === 0) {
        const answered = late({ sink })
        answered.catch(() => undefined)
        opened.push(answered)
      }
      return true
    }
    const follow = sse.handler((stream) => channel.subscribe(stream, { filter }))
    void follow({ sink: createFakeSink() })
    await turnEnd()
    channel.publish('one')
    await turnEnd()
    await expect(opened[0]).rejects.toThrow('not found')
    expect(sink.text()).toBe('')
  })
})

describe('close', () => {
  it('ends every subscription after its last event', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { route: { completion: { event: 'done' } } })
    await turnEnd()
    channel.publish('one')
    channel.close('two')
    await turnEnd()
    await turnEnd()
    expect(client.sink.text()).toBe(':\ndata: one\n\ndata: two\n\nevent: done\ndata: \n\n')
    expect(client.ends).toEqual(['completed'])
    expect(channel.stats().subscribers).toBe(0)
  })

  it('waits for a client that is slow', async () => {
    const channel = createChannel()
    const client = subscribe(channel)
    await turnEnd()
    client.sink.isFrozen = true
    channel.publish('x'.repeat(2_000))
    await turnEnd()
    channel.publish('two')
    channel.close('three')
    await turnEnd()
    expect(client.ends).toEqual([])
    client.sink.thaw()
    await turnEnd()
    expect(client.data().slice(1)).toEqual(['two', 'three'])
    expect(client.ends).toEqual(['completed'])
  })

  it('may be called twice, and refuses what is published after it', () => {
    const channel = createChannel()
    channel.close()
    channel.close('late')
    expect(() => channel.publish('late')).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_CHANNEL_CLOSED' }),
    )
    expect(channel.stats().published).toBe(0)
  })

  it('stays open when its last event cannot be published', async () => {
    const channel = createChannel()
    expect(() => channel.close({ data: 1n })).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_INVALID_DATA' }),
    )
    expect(channel.publish('x').subscribers).toBe(0)
  })

  it('lets those who come later have the history, and ends their stream', async () => {
    const channel = createChannel({ history: {} })
    channel.publish('one')
    channel.close()
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    await turnEnd()
    await turnEnd()
    expect(client.data()).toEqual(['one'])
    expect(client.ends).toEqual(['completed'])
  })

  it('answers with 204 who has everything', async () => {
    const channel = createChannel({ history: {} })
    const { id } = channel.publish('one')
    channel.close()
    const client = subscribe(channel, { lastEventId: id })
    await client.answered
    expect(client.sink.log).toEqual(['<reply 204>', ''])
    expect(client.sink.head?.headers).toEqual({ 'Cache-Control': 'no-store' })
    expect(client.sink.isReleased).toBe(true)
    expect(client.ends).toEqual(['completed'])
    expect(client.errors).toEqual([])
  })
})

describe('memory', () => {
  it('holds nothing once everybody has everything', async () => {
    const channel = createChannel()
    const seen: WeakRef<ArrayBufferLike>[] = []
    const sink = createFakeSink()
    sink.write = (bytes) => (seen.push(new WeakRef(bytes.buffer)), true)
    subscribe(channel, { sink })
    await turnEnd()
    channel.publish('x'.repeat(10_000))
    await turnEnd()
    await turnEnd()
    collectGarbage()
    expect(seen).toHaveLength(2)
    expect(seen.at(-1)?.deref()).toBeUndefined()
    expect(channel.stats()).toMatchObject({ subscribers: 1, delivered: 1 })
  })

  it('costs at most 3 KB for a channel that is idle, so that there may be 100,000', () => {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const channels = Array.from({ length: 100_000 }, () => createChannel({ history: {} }))
    collectGarbage()
    const bytesEach = (process.memoryUsage().heapUsed - before) / channels.length
    expect(bytesEach).toBeLessThan(3_072)
  })
})

describe('what happens inside of what happens', () => {
  it('ends another subscription of the same stream, and nothing else', async () => {
    const channels = [createChannel(), createChannel()] as const
    const controller = new AbortController()
    const { signal } = controller
    const sse = createFakeSse()
    const sink = createFakeSink()
    void sse.handler(async (stream) => {
      const filter = () => (controller.abort(), true)
      await Promise.all([
        channels[0].subscribe(stream, { filter }),
        channels[1].subscribe(stream, { signal }),
      ])
    })({ sink })
    const other = subscribe(channels[1])
    await turnEnd()
    channels[0].publish('a')
    channels[1].publish('b')
    await turnEnd()
    channels[1].publish('c')
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\n')
    expect(other.data()).toEqual(['b', 'c'])
    expect(other.ends).toEqual([])
    sink.leave()
  })

  it.each(['close', 'send', 'comment'] as const)(
    'comes out right where a filter calls %s',
    async (what) => {
      const channel = createChannel()
      const sse = createFakeSse()
      const sink = createFakeSink()
      void sse.handler((stream) =>
        channel.subscribe(stream, {
          filter: ({ data }) => {
            if (data === 'a') void (what === 'close' ? stream.close() : stream[what]('inside'))
            return true
          },
        }),
      )({ sink })
      await turnEnd()
      for (const data of ['a', 'b']) channel.publish(data)
      await turnEnd()
      await turnEnd()
      const { ended } = sse.stats()
      expect(ended['source-error']).toBe(0)
      expect(ended.closed).toBe(what === 'close' ? 1 : 0)
      if (what !== 'close') expect(sink.text()).toContain('data: a\n\ndata: b\n\n')
      sink.leave()
    },
  )

  it('tells a gap once and in order where the hook publishes', async () => {
    const filler = 'x'.repeat(70_000)
    const channel = createChannel({
      history: { maxEvents: 3, maxBytes: 64 << 20 },
      onGap: () => void channel.publish(filler),
    })
    const ids = ['a', 'b', 'c', 'd', 'e'].map((data) => channel.publish(data).id)
    const client = subscribe(channel, { lastEventId: ids[0] })
    for (let turn = 0; turn < 5; turn += 1) await turnEnd()
    expect(client.events()[0]?.event).toBe('gap')
    expect(client.data().slice(1)).toEqual(['c', 'd', 'e', filler])
  })
  it('comes out once and in order where a filter publishes', async () => {
    const channel = createChannel()
    const filler = 'x'.repeat(70_000)
    let isFirst = true
    const filter = ({ data }: { data?: unknown }) => {
      if (data === 'a' && isFirst) {
        isFirst = false
        channel.publish(filler)
      }
      return true
    }
    const client = subscribe(channel, { subscribe: { filter } })
    const other = subscribe(channel)
    await turnEnd()
    channel.publish('a')
    channel.publish('b')
    for (let turn = 0; turn < 4; turn += 1) await turnEnd()
    expect(client.data()).toEqual(['a', 'b', filler])
    expect(other.data()).toEqual(['a', 'b', filler])
  })

  it('ends cleanly where a filter ends its own subscription', async () => {
    const channel = createChannel()
    const controller = new AbortController()
    const { signal } = controller
    const filter = () => (controller.abort(), true)
    const client = subscribe(channel, { subscribe: { filter, signal } })
    const other = subscribe(channel)
    await turnEnd()
    for (const data of ['a', 'b']) channel.publish(data)
    await turnEnd()
    channel.publish('c')
    await turnEnd()
    expect(client.data()).toEqual([])
    expect(other.data()).toEqual(['a', 'b', 'c'])
    expect(channel.stats().subscribers).toBe(1)
  })

  it.each([0, 3])(
    'ends cleanly where a filter ends the only subscription, after %i more',
    async (more) => {
      const channel = createChannel()
      const controller = new AbortController()
      const { signal } = controller
      const filter = ({ data }: { data?: unknown }) => (data === 'last' && controller.abort(), true)
      const client = subscribe(channel, { subscribe: { filter, signal } })
      await turnEnd()
      channel.publish('last')
      for (let count = 0; count < more; count += 1) channel.publish('more')
      await turnEnd()
      expect([client.errors, client.ends, client.data()]).toEqual([[], ['completed'], []])
      expect(channel.stats().subscribers).toBe(0)
    },
  )

  it('lets others take their turn while a filter leaves out a long history', async () => {
    const channel = createChannel({ history: { maxEvents: 50_000, maxBytes: 64 << 20 } })
    for (let number = 0; number < 30_000; number += 1) channel.publish('noise')
    channel.publish('signal')
    let seen = 0
    const filter = ({ data }: { data?: unknown }) => {
      seen += 1
      return data === 'signal'
    }
    const client = subscribe(channel, { subscribe: { filter, from: 'start' } })
    await client.answered
    await turnEnd()
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThan(30_000)
    for (let turn = 0; turn < 30; turn += 1) await turnEnd()
    expect(client.data()).toEqual(['signal'])
  })

  it('holds no more for a client than its maxBufferedBytes', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { route: { maxBufferedBytes: 5_000 } })
    await turnEnd()
    client.sink.isFrozen = true
    client.sink.log.length = 0
    for (let number = 0; number < 30; number += 1) channel.publish('x'.repeat(1_000))
    await turnEnd()
    expect(client.sink.bufferedBytes).toBeLessThanOrEqual(5_000)
    client.sink.thaw()
    for (let turn = 0; turn < 10; turn += 1) await turnEnd()
    expect(client.data()).toHaveLength(30)
  })
})
