import { describe, expect, it } from 'vitest'
import { turnEnd } from '../../test/fake-sink.ts'
import { subscribe } from '../../test/subscriber.ts'
import { createChannel } from './channel.ts'
import type { SubscribeOptions } from './channel-options.ts'
import { resolveChannelOptions } from './resolve-channel-options.ts'

describe('options of a channel', () => {
  it('keep nothing, and disconnect who is too slow, unless told otherwise', () => {
    expect(resolveChannelOptions({})).toEqual({
      retention: { maxEvents: 0, maxBytes: 0, maxAgeMs: 0 },
      overflow: 'disconnect',
      queue: { maxEvents: 10_000, maxBytes: 1_048_576 },
      maxSubscribers: Infinity,
      gapEvent: 'gap',
      serialize: undefined,
      onGap: undefined,
    })
  })

  it('fill in what a history does not say', () => {
    const { retention } = resolveChannelOptions({ history: { maxAgeMs: 5, maxEvents: undefined } })
    expect(retention).toEqual({ maxEvents: 1_000, maxBytes: 1_048_576, maxAgeMs: 5 })
    expect(resolveChannelOptions({ history: { maxAgeMs: false } }).retention.maxAgeMs).toBe(0)
  })

  it.each([
    [null, '`options` must be an object, got null'],
    [{ histori: {} }, '`histori` is not one of history, overflow'],
    [{ history: true }, '`history` must be an object, got true'],
    [{ history: { maxEvents: 0 } }, '`history.maxEvents` must be an integer of at least 1'],
    [
      { history: { maxBytes: 1.5 } },
      '`history.maxBytes` must be an integer of at least 1 of bytes',
    ],
    [{ history: { maxAgeMs: -1 } }, '`history.maxAgeMs` must be an integer from 0'],
    [{ history: { maxAge: 1 } }, '`history.maxAge` is not one of maxEvents, maxBytes, maxAgeMs'],
    [{ overflow: 'drop' }, "`overflow` must be one of 'disconnect', 'drop-oldest'"],
    [{ queue: { maxEvents: '5' } }, '`queue.maxEvents` must be an integer of at least 1'],
    [{ queue: 5 }, '`queue` must be an object, got 5'],
    [{ maxSubscribers: 0 }, '`maxSubscribers` must be an integer of at least 1'],
    [{ gapEvent: 7 }, '`gapEvent` must be a string, got 7'],
    [{ gapEvent: 'a\nb' }, '`gapEvent` must not contain CR or LF'],
    [{ serialize: {} }, '`serialize` must be a function'],
    [{ onGap: 'x' }, '`onGap` must be a function'],
  ])('are refused as %j', (options, message) => {
    expect(() => createChannel(options as never)).toThrow(message)
  })
})

describe('options of a subscription', () => {
  it.each([
    [{ filter: 'x' }, '`filter` must be a function'],
    [{ transform: 'x' }, '`transform` must be a function'],
    [{ key: 5 }, '`key` must be a string'],
    [{ overflow: 'never' }, '`overflow` must be one of'],
    [{ queue: { maxEvents: 0 } }, '`queue.maxEvents` must be'],
    [{ from: 'end' }, "`from` must be one of 'now', 'start'"],
    [{ lastEventId: 7 }, '`lastEventId` must be a string'],
    [{ signal: {} }, '`signal` must be an AbortSignal'],
    [{ history: {} }, '`history` is not one of filter, transform'],
  ])('are refused as %j, before anything is sent', async (options, message) => {
    const channel = createChannel()
    const client = subscribe(channel, { subscribe: options as SubscribeOptions })
    await expect(client.answered).rejects.toThrow(message)
    expect(client.sink.log).toEqual([])
    expect(channel.stats().subscribers).toBe(0)
  })

  it('leave to the channel what they do not say', async () => {
    const channel = createChannel({ queue: { maxEvents: 2 } })
    const client = subscribe(channel, { subscribe: { queue: { maxBytes: 100_000 } } })
    await turnEnd()
    client.sink.isFrozen = true
    channel.publish('x'.repeat(2_000))
    await turnEnd()
    for (const data of ['a', 'b', 'c']) channel.publish(data)
    await turnEnd()
    expect(client.ends).toEqual(['overflow'])
  })
})
