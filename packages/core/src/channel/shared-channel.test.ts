import { describe, expect, it } from 'vitest'
import { turnEnd } from '../../test/fake-sink.ts'
import { createStreamLog } from '../../test/stream-log.ts'
import { subscribe } from '../../test/subscriber.ts'
import { createSharedChannel } from './channel.ts'
import type { EventLog } from './event-log.ts'

async function turns(count = 6): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await turnEnd()
}

// A log that answers later, and on another node's account: what a package for Redis Streams will bring.
describe('a channel on a log that several processes share', () => {
  it('reaches the subscribers of every process, in one order', async () => {
    const store = createStreamLog()
    const [here, there] = [createSharedChannel(store.open()), createSharedChannel(store.open())]
    const [client, other] = [subscribe(here as never), subscribe(there as never)]
    await turns()
    const published = await Promise.all(
      ['a', 'b', 'c', 'd'].map((data, index) => (index % 2 === 0 ? here : there).publish(data)),
    )
    await turns()
    expect(client.data()).toHaveLength(4)
    expect(other.events()).toEqual(client.events())
    expect(client.events().map(({ id }) => id)).toEqual(
      expect.arrayContaining(published.map(({ id }) => id)),
    )
  })

  it('lets a client continue in another process', async () => {
    const store = createStreamLog()
    const [here, there] = [createSharedChannel(store.open()), createSharedChannel(store.open())]
    const client = subscribe(here as never)
    await turns()
    for (const data of ['a', 'b', 'c']) await here.publish(data)
    await turns()
    client.sink.leave()
    for (const data of ['d', 'e']) await here.publish(data)
    const again = subscribe(there as never, { lastEventId: client.events()[1]?.id })
    await turns()
    await there.publish('f')
    await turns()
    expect(again.data()).toEqual(['c', 'd', 'e', 'f'])
  })

  it('doubles and loses nothing between what is read and what is followed', async () => {
    for (let delay = 0; delay < 8; delay += 1) {
      const store = createStreamLog({ readTurns: delay, followTurns: 7 - delay, pageEvents: 2 })
      const channel = createSharedChannel(store.open())
      const expected: string[] = []
      const publish = async (data: string) => {
        expected.push(data)
        await channel.publish(data)
      }
      for (let number = 0; number < 5; number += 1) await publish(`old ${number}`)
      const client = subscribe(channel as never, { subscribe: { from: 'start' } })
      for (let number = 0; number < 30; number += 1) {
        await publish(`new ${number}`)
        await turns(number % 3)
      }
      await turns(400)
      expect(client.data()).toEqual(expected)
    }
  })

  it('tells of a gap whose size nobody knows', async () => {
    const store = createStreamLog({ maxEvents: 2 })
    const channel = createSharedChannel(store.open())
    const { id } = await channel.publish('a')
    for (const data of ['b', 'c', 'd']) await channel.publish(data)
    const client = subscribe(channel as never, { lastEventId: id })
    await turns()
    expect(JSON.parse(client.data()[0] ?? '')).toMatchObject({ reason: 'expired', lost: null })
    expect(client.data().slice(1)).toEqual(['c', 'd'])
  })

  it('ends only the streams that were reading when the log fails', async () => {
    const store = createStreamLog()
    const channel = createSharedChannel(store.open())
    const live = subscribe(channel as never)
    await turns()
    store.fail(new Error('the store is gone'))
    const reading = subscribe(channel as never, { subscribe: { from: 'start' } })
    await turns()
    expect(reading.ends).toEqual(['source-error'])
    expect(reading.errors).toEqual([new Error('the store is gone')])
    expect(live.ends).toEqual([])
    await expect(channel.publish('x')).rejects.toThrow('the store is gone')
  })

  it('holds no more than a queue for a client while the log takes its time', async () => {
    const store = createStreamLog({ readTurns: 20, followTurns: 0 })
    const channel = createSharedChannel(store.open(), { queue: { maxEvents: 5 } })
    const expected = ['first']
    await channel.publish('first')
    const client = subscribe(channel as never, { subscribe: { from: 'start' } })
    await turns(2)
    for (let number = 0; number < 30; number += 1) {
      expected.push(String(number))
      await channel.publish(String(number))
    }
    await turns(200)
    expect(client.data()).toEqual(expected)
    expect(client.ends).toEqual([])
  })

  it('reads no more than there is from a log that sometimes answers at once', async () => {
    const log = createStreamLog({ readTurns: 6, followTurns: 0 }).open()
    let reads = 0
    const mixed: EventLog = {
      ...log,
      read: (...range) => {
        reads += 1
        return reads === 1 ? log.read(...range) : { entries: [], lost: 0 }
      },
    }
    const channel = createSharedChannel(mixed, { queue: { maxEvents: 1 } })
    await channel.publish('first')
    const client = subscribe(channel as never, { subscribe: { from: 'start' } })
    await turns(2)
    for (const data of ['a', 'b', 'c']) await channel.publish(data)
    await turns(20)
    await channel.publish('last')
    await turns(20)
    expect(reads).toBeLessThan(10)
    expect(client.data().at(-1)).toBe('last')
  })

  it('lets go of a client that left while the log was asked', async () => {
    const store = createStreamLog({ readTurns: 3 })
    const channel = createSharedChannel(store.open())
    await channel.publish('a')
    const client = subscribe(channel as never, { subscribe: { from: 'start' } })
    await turns(2)
    client.sink.leave()
    await turns()
    expect(client.data()).toEqual([])
    expect(client.errors).toEqual([])
    expect(channel.stats().subscribers).toBe(0)
  })

  it('closes after everything that was published, also what the log has not taken yet', async () => {
    const channel = createSharedChannel(createStreamLog().open())
    const client = subscribe(channel as never)
    await turns()
    void channel.publish('a')
    void channel.publish('b')
    channel.close()
    await turns(12)
    expect(client.data()).toEqual(['a', 'b'])
    expect(client.ends).toEqual(['completed'])
  })

  it('ends no process when nobody awaits an event that its log does not take', async () => {
    const store = createStreamLog()
    const channel = createSharedChannel(store.open())
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    store.fail(new Error('the store is gone'))
    void channel.publish('a')
    channel.close('last')
    await turns()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
    expect(channel.stats().published).toBe(0)
  })

  it('tells of a gap without losing what comes while the log is read', async () => {
    const store = createStreamLog({ maxEvents: 1, readTurns: 4, followTurns: 0 })
    const channel = createSharedChannel(store.open(), { queue: { maxEvents: 2 } })
    const { id } = await channel.publish('a')
    for (const data of ['b', 'c']) await channel.publish(data)
    const client = subscribe(channel as never, { lastEventId: id })
    await turns(2)
    for (const data of ['d', 'e', 'f', 'g']) await channel.publish(data)
    await turns(60)
    const numbers = client.data().filter((data) => !data.startsWith('{'))
    expect(numbers.at(-1)).toBe('g')
    expect(client.events()[0]?.event).toBe('gap')
    expect([...numbers].sort()).toEqual(numbers)
  })

  it('closes after its last event is there', async () => {
    const channel = createSharedChannel(createStreamLog().open())
    const client = subscribe(channel as never)
    await turns()
    channel.close('last')
    await turns()
    expect(client.data()).toEqual(['last'])
    expect(client.ends).toEqual(['completed'])
  })
})
