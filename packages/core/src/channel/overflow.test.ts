import { describe, expect, it } from 'vitest'
import { type FakeSink, turnEnd } from '../../test/fake-sink.ts'
import { type Subscriber, subscribe } from '../../test/subscriber.ts'
import { type Channel, createChannel } from './channel.ts'
import type { ChannelOptions, OverflowPolicy } from './channel-options.ts'

const FILLER = 'x'.repeat(2_000)

/** A client that is frozen with a full sink, and one that reads. */
async function openTwo(overflow: OverflowPolicy, options: ChannelOptions = {}) {
  const channel = createChannel({ queue: { maxEvents: 3 }, ...options, overflow })
  const [slow, healthy] = [subscribe(channel), subscribe(channel)]
  await turnEnd()
  slow.sink.isFrozen = true
  channel.publish(FILLER)
  await turnEnd()
  return { channel, slow, healthy }
}

async function publish(channel: Channel, ...data: string[]): Promise<void> {
  for (const each of data) channel.publish(each)
  await turnEnd()
}

async function thaw(client: Subscriber): Promise<void> {
  client.sink.thaw()
  await turnEnd()
  await turnEnd()
}

function after(client: Subscriber): string[] {
  return client.data().slice(1)
}

describe.each<OverflowPolicy>(['disconnect', 'drop-oldest', 'drop-newest', 'coalesce', 'wait'])(
  'a slow client with the policy %s',
  (overflow) => {
    it('loses nothing while its queue has room', async () => {
      const { channel, slow } = await openTwo(overflow)
      await publish(channel, 'a', 'b', 'c')
      await thaw(slow)
      expect(after(slow)).toEqual(['a', 'b', 'c'])
      expect(slow.ends).toEqual([])
      expect(channel.stats()).toMatchObject({ dropped: 0, lapped: 0, disconnected: 0 })
    })

    it('changes nothing for the others: not their order, not their turn', async () => {
      const { channel, healthy } = await openTwo(overflow)
      for (let number = 0; number < 20; number += 1) {
        await publish(channel, String(number))
        expect(healthy.data().at(-1)).toBe(String(number))
      }
      expect(after(healthy)).toEqual(Array.from({ length: 20 }, (_, number) => String(number)))
    })

    it('leaves nothing behind when it leaves', async () => {
      const { channel, slow, healthy } = await openTwo(overflow)
      await publish(channel, 'a', 'b', 'c', 'd', 'e')
      slow.sink.leave()
      healthy.sink.leave()
      expect(channel.stats().subscribers).toBe(0)
    })
  },
)

describe('disconnect', () => {
  it('ends the stream as overflow, at the event that does not fit', async () => {
    const { channel, slow } = await openTwo('disconnect')
    await publish(channel, 'a', 'b', 'c')
    expect(slow.ends).toEqual([])
    await publish(channel, 'd')
    expect(slow.ends).toEqual(['overflow'])
    expect(channel.stats()).toMatchObject({ subscribers: 1, disconnected: 1 })
  })

  it('counts bytes as well', async () => {
    const { channel, slow } = await openTwo('disconnect', { queue: { maxBytes: 30 } })
    await publish(channel, 'a', 'b', 'c')
    expect(slow.ends).toEqual([])
    await publish(channel, 'd')
    expect(slow.ends).toEqual(['overflow'])
  })

  it('lets a client with history come back and miss nothing', async () => {
    const { channel, slow } = await openTwo('disconnect', { history: {} })
    await publish(channel, 'a', 'b', 'c', 'd')
    expect(slow.ends).toEqual(['overflow'])
    const again = subscribe(channel, { lastEventId: slow.lastId() })
    await turnEnd()
    expect(again.data()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('drop-oldest', () => {
  it('keeps the newest, and tells how many are missing before them', async () => {
    const { channel, slow } = await openTwo('drop-oldest')
    await publish(channel, 'a', 'b', 'c', 'd')
    await publish(channel, 'e')
    await thaw(slow)
    const gap = '{"reason":"dropped","lost":2,"continuesAfter":null}'
    expect(after(slow)).toEqual([gap, 'c', 'd', 'e'])
    expect(slow.events()[1]?.event).toBe('gap')
    expect(channel.stats()).toMatchObject({ dropped: 2, lapped: 1, disconnected: 0 })
  })

  it('keeps the newest bytes', async () => {
    const { channel, slow } = await openTwo('drop-oldest', { queue: { maxBytes: 20 } })
    await publish(channel, 'a', 'b', 'c', 'd')
    await thaw(slow)
    expect(after(slow).slice(1)).toEqual(['c', 'd'])
  })

  it('tells of each gap where it is', async () => {
    const { channel, slow } = await openTwo('drop-oldest')
    await publish(channel, 'a', 'b', 'c', 'd')
    await thaw(slow)
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'e', 'f', 'g', 'h', 'i')
    await thaw(slow)
    const lost = slow.events().filter(({ event }) => event === 'gap')
    expect(lost.map(({ data }) => JSON.parse(data).lost)).toEqual([1, 2])
    expect(after(slow).slice(-3)).toEqual(['g', 'h', 'i'])
  })

  it('counts only what the filter of the client would have let through', async () => {
    const channel = createChannel({ overflow: 'drop-oldest', queue: { maxEvents: 2 } })
    const slow = subscribe(channel, { subscribe: { filter: ({ data }) => data !== 'b' } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'a', 'b', 'c', 'd', 'e')
    await thaw(slow)
    expect(after(slow)).toEqual([expect.stringContaining('"lost":2'), 'd', 'e'])
  })

  it('tells nothing where the filter would have let nothing through', async () => {
    const channel = createChannel({ overflow: 'drop-oldest', queue: { maxEvents: 1 } })
    const slow = subscribe(channel, { subscribe: { filter: ({ data }) => data !== 'noise' } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'noise', 'noise', 'noise', 'z')
    await thaw(slow)
    expect(after(slow)).toEqual(['z'])
    expect(channel.stats()).toMatchObject({ dropped: 0, lapped: 0 })
  })

  it('gives the gap the id after which the stream goes on', async () => {
    const { channel, slow, healthy } = await openTwo('drop-oldest', { history: {} })
    await publish(channel, 'a', 'b', 'c', 'd', 'e')
    await thaw(slow)
    const gap = slow.events()[1]
    const idOfB = healthy.events()[2]?.id
    expect(JSON.parse(gap?.data ?? '')).toEqual({
      reason: 'dropped',
      lost: 2,
      continuesAfter: idOfB,
    })
    expect(gap?.id).toBe(idOfB)
    const again = subscribe(channel, { lastEventId: idOfB })
    await turnEnd()
    expect(again.data()).toEqual(['c', 'd', 'e'])
  })
})

describe('drop-newest', () => {
  it('keeps what waits, loses what comes, and tells how many after it', async () => {
    const { channel, slow } = await openTwo('drop-newest')
    await publish(channel, 'a', 'b', 'c', 'd')
    await publish(channel, 'e')
    await thaw(slow)
    await publish(channel, 'f')
    const gap = '{"reason":"dropped","lost":2,"continuesAfter":null}'
    expect(after(slow)).toEqual(['a', 'b', 'c', gap, 'f'])
    expect(channel.stats()).toMatchObject({ dropped: 2, lapped: 1 })
  })

  it('keeps only as many bytes as may wait', async () => {
    const { channel, slow } = await openTwo('drop-newest', { queue: { maxBytes: 20 } })
    await publish(channel, 'a', 'b', 'c', 'd')
    await thaw(slow)
    expect(after(slow)).toEqual(['a', 'b', expect.stringContaining('"lost":2')])
  })

  it('ends with its channel, though the last thing is a gap', async () => {
    const { channel, slow } = await openTwo('drop-newest')
    await publish(channel, 'a', 'b', 'c', 'd')
    channel.close()
    await thaw(slow)
    expect(after(slow)).toEqual(['a', 'b', 'c', expect.stringContaining('"lost":1')])
    expect(slow.ends).toEqual(['completed'])
  })

  it('keeps what waits though what comes is filtered out', async () => {
    const channel = createChannel({ overflow: 'drop-newest', queue: { maxEvents: 3 }, history: {} })
    const slow = subscribe(channel, { subscribe: { filter: ({ data }) => data !== 'noise' } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'a', 'b', 'c', 'noise')
    await publish(channel, 'noise')
    await publish(channel, 'd')
    await thaw(slow)
    expect(after(slow)).toEqual(['a', 'b', 'c', expect.stringContaining('"lost":1')])
    expect(channel.stats().dropped).toBe(1)
  })

  it('ends with its channel, though all that it lost was filtered out', async () => {
    const channel = createChannel({ overflow: 'drop-newest', queue: { maxEvents: 1 } })
    const slow = subscribe(channel, { subscribe: { filter: ({ data }) => data !== 'noise' } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'a', 'noise')
    channel.close()
    await thaw(slow)
    expect(after(slow)).toEqual(['a'])
    expect(slow.ends).toEqual(['completed'])
  })

  it('has right ids on both sides of the gap', async () => {
    const { channel, slow, healthy } = await openTwo('drop-newest', { history: {} })
    await publish(channel, 'a', 'b', 'c', 'd', 'e')
    await thaw(slow)
    const ids = healthy.events().map(({ id }) => id)
    expect(slow.events().map(({ id }) => id)).toEqual([...ids.slice(0, 4), ids[5]])
    expect(JSON.parse(slow.events()[4]?.data ?? '').continuesAfter).toBe(ids[5])
  })
})

describe('coalesce', () => {
  async function publishKeyed(channel: Channel, ...events: [string, string | undefined][]) {
    for (const [data, key] of events) channel.publish(data, { key })
    await turnEnd()
  }

  it('gives a client that was behind only the last event of each key, in order', async () => {
    const { channel, slow, healthy } = await openTwo('coalesce', { queue: { maxEvents: 100 } })
    await publishKeyed(channel, ['a1', 'a'], ['b1', 'b'], ['a2', 'a'], ['durable', undefined])
    await publishKeyed(channel, ['a3', 'a'], ['c1', 'c'])
    await thaw(slow)
    expect(after(slow)).toEqual(['b1', 'durable', 'a3', 'c1'])
    expect(after(healthy)).toEqual(['a1', 'b1', 'a2', 'durable', 'a3', 'c1'])
    expect(channel.stats()).toMatchObject({ coalesced: 2, dropped: 0, lapped: 0 })
  })

  it('stays within its queue however much is published', async () => {
    const { channel, slow } = await openTwo('coalesce')
    for (let number = 0; number < 50; number += 1) {
      await publishKeyed(channel, [`a${number}`, 'a'], [`b${number}`, 'b'])
    }
    expect(slow.ends).toEqual([])
    await thaw(slow)
    expect(after(slow)).toEqual(['a49', 'b49'])
  })

  it('ends the stream when events without a key do not fit', async () => {
    const { channel, slow } = await openTwo('coalesce')
    await publishKeyed(channel, ['a', 'a'], ['1', undefined], ['2', undefined], ['3', undefined])
    expect(slow.ends).toEqual(['overflow'])
    expect(channel.stats()).toMatchObject({ disconnected: 1 })
  })

  it.each([{ maxEvents: 3 }, { maxBytes: 30 }])(
    'counts what is set aside together with what comes: %j',
    async (queue) => {
      const { channel, slow } = await openTwo('coalesce', { queue })
      await publishKeyed(channel, ['1', 'a'], ['2', 'b'], ['3', 'c'], ['4', 'a'])
      expect(slow.ends).toEqual([])
      await publishKeyed(channel, ['5', undefined])
      expect(slow.ends).toEqual(['overflow'])
    },
  )

  it('gives a client that has caught up every event again', async () => {
    const { channel, slow } = await openTwo('coalesce')
    await publishKeyed(channel, ['1', 'a'], ['2', 'a'])
    await thaw(slow)
    await publishKeyed(channel, ['3', 'a'], ['4', 'a'])
    expect(after(slow)).toEqual(['2', '3', '4'])
  })

  it('replaces nothing by what the filter leaves out', async () => {
    const channel = createChannel({ overflow: 'coalesce', history: {} })
    const slow = subscribe(channel, { subscribe: { filter: ({ data }) => data !== 'hidden' } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publishKeyed(channel, ['shown', 'a'], ['hidden', 'a'])
    channel.close()
    await thaw(slow)
    expect(after(slow)).toEqual(['shown'])
    expect(slow.ends).toEqual(['completed'])
  })

  it('ends with its channel, though the last thing that came was left out', async () => {
    const channel = createChannel({ overflow: 'coalesce', queue: { maxEvents: 3 } })
    const filter = ({ data }: { data?: unknown }) => !String(data).startsWith('hidden')
    const slow = subscribe(channel, { subscribe: { filter } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publishKeyed(channel, ['1', 'a'], ['2', 'a'], ['hidden 1', 'a'], ['hidden 2', 'a'])
    channel.close()
    await thaw(slow)
    expect(after(slow)).toEqual(['2'])
    expect(slow.ends).toEqual(['completed'])
  })

  it('does not go through a long list for every event', async () => {
    const channel = createChannel({ overflow: 'coalesce', queue: { maxEvents: 1_000 } })
    let looks = 0
    const slow = subscribe(channel, { subscribe: { filter: () => Boolean((looks += 1)) } })
    await turnEnd()
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publishKeyed(
      channel,
      ...Array.from({ length: 990 }, (_, key): [string, string] => ['x', `${key}`]),
    )
    looks = 0
    for (let number = 0; number < 100; number += 1) await publishKeyed(channel, ['y', `${number}`])
    expect(looks).toBeLessThan(5_000)
    await thaw(slow)
    await thaw(slow)
    expect(after(slow)).toHaveLength(990)
    expect(after(slow).slice(-100)).toEqual(Array.from({ length: 100 }, () => 'y'))
  })

  it('coalesces what waits with what comes while it is caught up with', async () => {
    const { channel, slow } = await openTwo('coalesce')
    await publishKeyed(channel, ['a1', 'a'], ['a2', 'a'], ['b1', 'b'], ['c1', 'c'])
    await publishKeyed(channel, ['b2', 'b'])
    slow.sink.thaw()
    await publishKeyed(channel, ['d1', 'd'])
    await turnEnd()
    expect(after(slow)).toEqual(['a2', 'c1', 'b2', 'd1'])
  })
})

describe('wait', () => {
  it('lets publishers wait for the slowest', async () => {
    const { channel, slow } = await openTwo('wait', { queue: { maxEvents: 4 } })
    let isReady = false
    await publish(channel, 'a', 'b')
    await channel.ready()
    await publish(channel, 'c')
    const ready = channel.ready().then(() => {
      isReady = true
    })
    await turnEnd()
    expect(isReady).toBe(false)
    await thaw(slow)
    await ready
    expect(after(slow)).toEqual(['a', 'b', 'c'])
  })

  it('lets publishers wait again, each time that it is slow', async () => {
    const { channel, slow } = await openTwo('wait', { queue: { maxEvents: 4 } })
    await publish(channel, 'a', 'b', 'c')
    const first = channel.ready()
    await thaw(slow)
    await first
    slow.sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'd', 'e', 'f')
    const second = channel.ready()
    let isReady = false
    void second.then(() => {
      isReady = true
    })
    await turnEnd()
    expect(isReady).toBe(false)
    await thaw(slow)
    await second
    expect(after(slow)).toEqual(['a', 'b', 'c', FILLER, 'd', 'e', 'f'])
  })

  it('lets them go on when the slowest leaves', async () => {
    const { channel, slow } = await openTwo('wait', { queue: { maxEvents: 2 } })
    await publish(channel, 'a', 'b')
    const ready = channel.ready()
    slow.sink.leave()
    await ready
    expect(channel.stats().subscribers).toBe(1)
  })

  it('costs the others nothing while publishers wait', async () => {
    const { channel, slow } = await openTwo('wait', { queue: { maxEvents: 4 } })
    const others = Array.from({ length: 50 }, () => subscribe(channel))
    await turnEnd()
    await publish(channel, 'a', 'b', 'c')
    const ready = channel.ready()
    expect(channel.ready()).toBe(ready)
    await publish(channel, 'd')
    expect(others.every((client) => client.data().at(-1) === 'd')).toBe(true)
    await thaw(slow)
    await ready
    expect(after(slow)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('ends the stream of a client for which nobody waits', async () => {
    const { channel, slow } = await openTwo('wait')
    await publish(channel, 'a', 'b', 'c', 'd')
    expect(slow.ends).toEqual(['overflow'])
  })

  it('waits for nobody where no client is slow, or none has this policy', async () => {
    const { channel, slow } = await openTwo('drop-oldest')
    await publish(channel, 'a', 'b', 'c', 'd')
    await channel.ready()
    expect(slow.ends).toEqual([])
    const other = createChannel({ overflow: 'wait' })
    await other.ready()
  })
})

describe('a policy of its own', () => {
  it('wins over that of the channel', async () => {
    const channel = createChannel({ overflow: 'disconnect', queue: { maxEvents: 1 } })
    const [strict, lenient, deep] = [
      subscribe(channel),
      subscribe(channel, { subscribe: { overflow: 'drop-oldest' } }),
      subscribe(channel, { subscribe: { queue: { maxEvents: 10 } } }),
    ]
    await turnEnd()
    for (const { sink } of [strict, lenient, deep]) sink.isFrozen = true
    await publish(channel, FILLER)
    await publish(channel, 'a', 'b')
    expect([strict, lenient, deep].map(({ ends }) => ends)).toEqual([['overflow'], [], []])
    await thaw(lenient)
    await thaw(deep)
    expect(after(lenient).at(-1)).toBe('b')
    expect(after(deep)).toEqual(['a', 'b'])
  })
})

describe('a burst within one turn', () => {
  it.each<OverflowPolicy>(['disconnect', 'drop-oldest', 'drop-newest', 'coalesce', 'wait'])(
    'takes nothing from a client that reads: %s',
    async (overflow) => {
      const channel = createChannel({ overflow, queue: { maxEvents: 5, maxBytes: 10_000 } })
      const client = subscribe(channel)
      await turnEnd()
      // More than a sink takes in a turn, as with a socket whose bytes leave after it.
      client.sink.write = takesLittle(client.sink)
      const data = Array.from({ length: 300 }, (_, number) => `${number}`.padEnd(1_000, '.'))
      for (const each of data) channel.publish(each)
      for (let turn = 0; turn < 400; turn += 1) await turnEnd()
      expect(client.data()).toEqual(data)
      expect(client.ends).toEqual([])
      client.sink.leave()
    },
  )

  it.each<OverflowPolicy>(['disconnect', 'drop-oldest', 'drop-newest', 'coalesce', 'wait'])(
    'takes nothing from a client whose sink it fills before the turn is over: %s',
    async (overflow) => {
      const channel = createChannel({ overflow, queue: { maxEvents: 10 } })
      const client = subscribe(channel)
      await turnEnd()
      client.sink.isFrozen = true
      client.sink.highWaterMark = 16_384
      const data = Array.from({ length: 150 }, (_, number) => `${number}`.padEnd(1_000, '.'))
      for (const each of data) channel.publish(each, { key: 'k' })
      await thisTurn()
      client.sink.thaw()
      for (let turn = 0; turn < 10; turn += 1) await turnEnd()
      expect(client.data()).toEqual(data)
      expect(client.ends).toEqual([])
    },
  )

  it('is looked at again when the client had its turn, though nothing more is published', async () => {
    const channel = createChannel({ overflow: 'disconnect', queue: { maxEvents: 10 } })
    const client = subscribe(channel)
    await turnEnd()
    client.sink.isFrozen = true
    for (let number = 0; number < 150; number += 1) channel.publish('x'.repeat(1_000))
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(client.ends).toEqual(['overflow'])
  })
})

/** Lets this turn end, and not the next one. */
function thisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A sink that is full after each write, and drains before the next turn. */
function takesLittle(sink: FakeSink): FakeSink['write'] {
  const { write } = sink
  return (bytes) => {
    sink.isFrozen = true
    const hasRoom = write(bytes)
    queueMicrotask(() => sink.thaw())
    return hasRoom
  }
}

describe('a window', () => {
  it('is bounded by the queues, though every client is frozen and nobody takes a turn', async () => {
    const channel = createChannel({ overflow: 'drop-oldest', queue: { maxEvents: 10 } })
    const clients = [subscribe(channel), subscribe(channel)]
    await turnEnd()
    for (const { sink } of clients) sink.isFrozen = true
    for (let number = 0; number < 5_000; number += 1) channel.publish(String(number))
    await turnEnd()
    for (const client of clients) {
      await thaw(client)
      expect(client.data().slice(-10)).toEqual(
        Array.from({ length: 10 }, (_, number) => String(4_990 + number)),
      )
    }
  })
})
