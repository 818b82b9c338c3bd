import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, turnEnd } from '../../test/fake-sink.ts'
import { parseStream } from '../../test/parse-stream.ts'
import { type Subscriber, subscribe } from '../../test/subscriber.ts'
import { type Channel, createChannel } from './channel.ts'
import type { Gap } from './channel-options.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function publishAll(channel: Channel, ...data: string[]): string[] {
  return data.map((each) => channel.publish(each).id)
}

function gapOf(client: Subscriber): Gap {
  const [first] = client.events()
  expect(first?.event).toBe('gap')
  expect(first?.id).toBe(JSON.parse(first?.data ?? '').continuesAfter)
  return JSON.parse(first?.data ?? '')
}

describe('a client that comes back', () => {
  it('gets what it missed, and then what comes', async () => {
    const channel = createChannel({ history: {} })
    const ids = publishAll(channel, 'a', 'b', 'c')
    const client = subscribe(channel, { lastEventId: ids[0] })
    publishAll(channel, 'd')
    await turnEnd()
    publishAll(channel, 'e')
    await turnEnd()
    expect(client.data()).toEqual(['b', 'c', 'd', 'e'])
    expect(channel.stats()).toMatchObject({ lapped: 0, delivered: 4 })
  })

  it('gets nothing twice, and no gap, when it missed nothing', async () => {
    const channel = createChannel({ history: {} })
    const ids = publishAll(channel, 'a')
    const client = subscribe(channel, { lastEventId: ids[0] })
    await turnEnd()
    publishAll(channel, 'b')
    await turnEnd()
    expect(client.data()).toEqual(['b'])
  })

  it('gets what comes, but nothing older, when it comes for the first time', async () => {
    const channel = createChannel({ history: {} })
    publishAll(channel, 'a')
    const client = subscribe(channel)
    publishAll(channel, 'b')
    await turnEnd()
    expect(client.data()).toEqual(['b'])
  })

  it('gets the whole history when it asks for the start', async () => {
    const channel = createChannel({ history: {} })
    publishAll(channel, 'a', 'b')
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    await turnEnd()
    publishAll(channel, 'c')
    await turnEnd()
    expect(client.data()).toEqual(['a', 'b', 'c'])
  })

  it('goes on after an id that the app gives', async () => {
    const channel = createChannel({ history: {} })
    const [first] = publishAll(channel, 'a', 'b')
    const known = subscribe(channel, { subscribe: { lastEventId: first } })
    const forgotten = subscribe(channel, { lastEventId: first, subscribe: { lastEventId: '' } })
    await turnEnd()
    expect([known.data(), forgotten.data()]).toEqual([['b'], []])
  })

  it('is read from the query where it cannot set a header', async () => {
    const channel = createChannel({ history: {} })
    const [first] = publishAll(channel, 'a', 'b')
    const { sink } = subscribe(channel)
    const { createFakeSse } = await import('../../test/fake-sink.ts')
    sink.log.length = 0
    await createFakeSse().handler((stream) => channel.subscribe(stream))({
      sink,
      url: `/?lastEventId=${first}`,
    })
    await turnEnd()
    expect(sink.text()).toContain('data: b\n')
  })

  it('is streamed a long history in portions, with nothing doubled while more is published', async () => {
    const channel = createChannel({ history: { maxEvents: 5_000, maxBytes: 64 << 20 } })
    const numbers = Array.from({ length: 3_000 }, (_, number) => String(number).padEnd(200, '.'))
    publishAll(channel, ...numbers)
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    for (let turn = 0; turn < 40; turn += 1) {
      await turnEnd()
      numbers.push(...[0, 1].map((part) => `live ${turn} ${part}`))
      publishAll(channel, ...numbers.slice(-2))
    }
    await turnEnd()
    expect(client.data()).toEqual(numbers)
    // Not all at once: 64 KiB a turn.
    expect(Math.max(...client.sink.log.map(({ length }) => length))).toBeLessThanOrEqual(65_536)
  })

  it('is not read for while it does not read', async () => {
    const channel = createChannel({ history: { maxEvents: 1_000 } })
    publishAll(channel, ...Array.from({ length: 100 }, () => 'x'.repeat(1_000)))
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    client.sink.isFrozen = true
    for (let turn = 0; turn < 5; turn += 1) await turnEnd()
    expect(client.data().length).toBeLessThan(100)
    client.sink.thaw()
    for (let turn = 0; turn < 5; turn += 1) await turnEnd()
    expect(client.data()).toHaveLength(100)
  })

  it('is told when the history left it behind while it was slow', async () => {
    const channel = createChannel({ history: { maxEvents: 10, maxBytes: 64 << 20 } })
    publishAll(
      channel,
      ...Array.from({ length: 10 }, (_, number) => `${number}`.padEnd(70_000, 'x')),
    )
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    client.sink.isFrozen = true
    await turnEnd()
    await turnEnd()
    publishAll(channel, ...Array.from({ length: 300 }, (_, number) => `new ${number}`))
    client.sink.thaw()
    for (let turn = 0; turn < 30; turn += 1) await turnEnd()
    const gaps = client.events().filter(({ event }) => event === 'gap')
    expect(gaps.map(({ data }) => JSON.parse(data))).toEqual([
      { reason: 'expired', lost: 299, continuesAfter: expect.any(String) },
    ])
    expect(client.data().slice(-10)).toEqual(
      Array.from({ length: 10 }, (_, number) => `new ${290 + number}`),
    )
  })
})

describe('a client of a channel that is over', () => {
  it('is known to have everything, though its filter left out the last event', async () => {
    const channel = createChannel({ history: {} })
    const filter = ({ data }: { data?: unknown }) => data !== 'noise'
    const client = subscribe(channel, { subscribe: { filter } })
    await turnEnd()
    publishAll(channel, 'a', 'noise')
    channel.close()
    await turnEnd()
    expect(client.sink.text()).toMatch(/^:\ndata: a\nid: \S+\n\nid: \S+\n\n$/)
    expect(client.data()).toEqual(['a'])
    const again = subscribe(channel, { lastEventId: client.lastId(), subscribe: { filter } })
    await again.answered
    expect(again.sink.head?.status).toBe(204)
  })

  it('is known to have everything of nothing', async () => {
    const channel = createChannel({ history: {} })
    const client = subscribe(channel, { subscribe: { from: 'start' } })
    await turnEnd()
    channel.close()
    await turnEnd()
    const again = subscribe(channel, { lastEventId: client.lastId() })
    await again.answered
    expect(again.sink.head?.status).toBe(204)
  })
})

describe('a client whose place is gone', () => {
  it('is told how many events it misses, and gets those that are left', async () => {
    const gaps: unknown[] = []
    const channel = createChannel({
      history: { maxEvents: 2 },
      onGap: (gap, info) => void gaps.push([gap, info.lastEventId]),
    })
    const ids = publishAll(channel, 'a', 'b', 'c', 'd', 'e')
    const client = subscribe(channel, { lastEventId: ids[0] })
    await turnEnd()
    expect(gapOf(client)).toEqual({ reason: 'expired', lost: 2, continuesAfter: ids[2] })
    expect(client.data().slice(1)).toEqual(['d', 'e'])
    expect(gaps).toEqual([[gapOf(client), ids[0]]])
    expect(channel.stats().lapped).toBe(1)
  })

  it('is told of it once only: the gap has an id to continue from', async () => {
    const channel = createChannel({ history: { maxEvents: 2 } })
    const ids = publishAll(channel, 'a', 'b', 'c', 'd')
    const client = subscribe(channel, { lastEventId: ids[0] })
    await turnEnd()
    const again = subscribe(channel, { lastEventId: client.events()[0]?.id })
    await turnEnd()
    expect(again.data()).toEqual(['c', 'd'])
  })

  it('is told when everything is too old', async () => {
    const channel = createChannel({ history: { maxAgeMs: 1_000 } })
    const ids = publishAll(channel, 'a', 'b')
    vi.advanceTimersByTime(1_000)
    const client = subscribe(channel, { lastEventId: ids[0] })
    await turnEnd()
    expect(gapOf(client)).toEqual({ reason: 'expired', lost: 1, continuesAfter: ids[1] })
    publishAll(channel, 'c')
    await turnEnd()
    expect(client.data().slice(1)).toEqual(['c'])
  })

  it.each([
    ['unknown', 'ffffffffffff-1', 'another server'],
    ['unknown', 'ffffffffffff-1,eeeeeeeeeeee-2', 'other channels'],
    ['malformed', '17', 'an id of the app'],
    ['malformed', 'x'.repeat(1_000), 'a long id'],
    ['malformed', '日本語', 'an id that is no ASCII'],
  ])('is told that its id is %s: %s (%s)', async (reason, lastEventId) => {
    const channel = createChannel({ history: {} })
    publishAll(channel, 'a', 'b')
    const client = subscribe(channel, { lastEventId })
    await turnEnd()
    expect(gapOf(client)).toMatchObject({ reason, lost: null })
    expect(client.data().slice(1)).toEqual(['a', 'b'])
  })

  it('is told that its id is unknown when it was never given', async () => {
    const channel = createChannel({ history: {} })
    const [id = ''] = publishAll(channel, 'a')
    const client = subscribe(channel, { lastEventId: id.replace(/1$/, '9') })
    await turnEnd()
    expect(gapOf(client)).toMatchObject({ reason: 'unknown', lost: null })
  })

  it('is told in a channel where nothing was published yet', async () => {
    const channel = createChannel({ history: {} })
    const client = subscribe(channel, { lastEventId: 'ffffffffffff-1' })
    await turnEnd()
    const { continuesAfter } = gapOf(client)
    const [first] = publishAll(channel, 'a')
    await turnEnd()
    expect(client.data().slice(1)).toEqual(['a'])
    const again = subscribe(channel, { lastEventId: continuesAfter ?? '' })
    await turnEnd()
    expect(again.events()).toEqual([{ event: undefined, data: 'a', id: first }])
  })

  it('is told by an event of the name that the channel gives', async () => {
    const channel = createChannel({ history: {}, gapEvent: 'missed' })
    const client = subscribe(channel, { lastEventId: 'x' })
    await turnEnd()
    expect(client.events()[0]?.event).toBe('missed')
  })

  it('is told also where a hook throws', async () => {
    const fault = new Error('hook')
    const channel = createChannel({
      history: {},
      onGap: () => {
        throw fault
      },
    })
    publishAll(channel, 'a')
    const client = subscribe(channel, { lastEventId: 'x' })
    await turnEnd()
    expect(client.data().slice(1)).toEqual(['a'])
    expect(client.errors).toEqual([fault])
  })

  it('is told nothing in a channel without history, which promises nothing', async () => {
    const channel = createChannel()
    const client = subscribe(channel, { lastEventId: 'ffffffffffff-1' })
    await turnEnd()
    publishAll(channel, 'a')
    await turnEnd()
    expect(client.events()).toEqual([{ event: undefined, data: 'a', id: undefined }])
  })
})

describe('a stream that follows several channels', () => {
  const open = () => [createChannel({ history: {} }), createChannel({ history: {} })] as const

  it('continues in each of them where it was', async () => {
    const channels = open()
    const client = subscribe(channels)
    await turnEnd()
    publishAll(channels[0], 'a1')
    publishAll(channels[1], 'b1')
    await turnEnd()
    client.sink.leave()
    publishAll(channels[0], 'a2')
    publishAll(channels[1], 'b2')
    const again = subscribe(channels, { lastEventId: client.lastId() })
    await turnEnd()
    await turnEnd()
    expect(client.data()).toEqual(['a1', 'b1'])
    expect(again.data().sort()).toEqual(['a2', 'b2'])
  })

  it('continues at every event, not only at the last of a write', async () => {
    const channels = open()
    const client = subscribe(channels)
    await turnEnd()
    publishAll(channels[0], 'a1', 'a2')
    publishAll(channels[1], 'b1', 'b2')
    await turnEnd()
    const all = client.data()
    for (const [index, { id }] of client.events().entries()) {
      const again = subscribe(channels, { lastEventId: id })
      await turnEnd()
      await turnEnd()
      expect(again.data().sort()).toEqual(all.slice(index + 1).sort())
      again.sink.leave()
    }
  })

  it('has ids with one place only beside channels without history', async () => {
    const [kept, other] = [createChannel({ history: {} }), createChannel()]
    const client = subscribe([kept, other])
    await turnEnd()
    const [id] = publishAll(kept, 'a')
    publishAll(other, 'b')
    await turnEnd()
    expect(client.events().map((event) => event.id)).toEqual([id, undefined])
  })

  it('is told of a gap in the channel that has one', async () => {
    const channels = open()
    const [id] = publishAll(channels[0], 'a1', 'a2')
    publishAll(channels[1], 'b1')
    const client = subscribe(channels, { lastEventId: id })
    await turnEnd()
    await turnEnd()
    const gaps = client.events().filter(({ event }) => event === 'gap')
    expect(gaps.map(({ data }) => JSON.parse(data).reason)).toEqual(['unknown'])
    expect(
      client
        .data()
        .filter((data) => !data.startsWith('{'))
        .sort(),
    ).toEqual(['a2', 'b1'])
    const again = subscribe(channels, { lastEventId: gaps[0]?.id })
    await turnEnd()
    await turnEnd()
    const first = client.events().findIndex(({ event }) => event === 'gap')
    expect(again.data().sort()).toEqual(
      client
        .data()
        .slice(first + 1)
        .sort(),
    )
  })

  it('gets what one channel publishes in the turn in which another ends', async () => {
    const channels = open()
    const client = subscribe(channels)
    await turnEnd()
    publishAll(channels[0], 'a1')
    channels[0].close()
    publishAll(channels[1], 'b1')
    await turnEnd()
    expect(client.data()).toEqual(['a1', 'b1'])
    expect(channels[0].stats().subscribers).toBe(0)
  })

  it('is not answered with 204 for one that was closed, while another goes on', async () => {
    for (const order of [0, 1]) {
      const channels = open()
      const followed = order === 0 ? channels : [...channels].reverse()
      const client = subscribe(followed)
      await turnEnd()
      publishAll(channels[0], 'a1')
      publishAll(channels[1], 'b1')
      channels[0].close()
      await turnEnd()
      client.sink.leave()
      const again = subscribe(followed, { lastEventId: client.lastId() })
      await turnEnd()
      publishAll(channels[1], 'b2')
      await turnEnd()
      expect(again.data()).toEqual(['b2'])
      channels[1].close()
      await turnEnd()
      expect(again.ends).toEqual(['completed'])
      const last = subscribe(followed, { lastEventId: again.lastId() })
      await last.answered
      expect(last.sink.log).toEqual(['<reply 204>', ''])
    }
  })

  it('gets nothing again of one that was closed meanwhile', async () => {
    const channels = open()
    const client = subscribe(channels)
    await turnEnd()
    publishAll(channels[0], 'a1', 'a2')
    channels[0].close()
    await turnEnd()
    publishAll(channels[1], 'b1')
    await turnEnd()
    expect(client.data()).toEqual(['a1', 'a2', 'b1'])
    publishAll(channels[1], 'b2')
    const again = subscribe(channels, { lastEventId: client.lastId() })
    await turnEnd()
    await turnEnd()
    expect(again.data()).toEqual(['b2'])
  })

  it('forgets the first of many that were closed, so that its ids stay short', async () => {
    const sink = createFakeSink()
    const jobs = Array.from({ length: 40 }, () => createChannel({ history: {} }))
    const follow = createFakeSse().handler(async (stream) => {
      for (const job of jobs) await job.subscribe(stream)
    })
    void follow({ sink })
    await turnEnd()
    for (const job of jobs) {
      publishAll(job, 'x')
      job.close()
      await turnEnd()
    }
    const ids = parseStream(sink.text()).ids.map((id) => id.split(','))
    expect(ids.map(({ length }) => length)).toEqual(jobs.map((_, index) => Math.min(index + 1, 32)))
    expect(ids.at(-1)).toContain(ids.at(-2)?.[0])
  })

  it('is told of every gap, though it is cut between two of them', async () => {
    const channels = open()
    publishAll(channels[0], 'a1')
    publishAll(channels[1], 'b1')
    const client = subscribe(channels, { lastEventId: 'ffffffffffff-1,eeeeeeeeeeee-1' })
    await turnEnd()
    const first = client.events()[0]
    expect(first?.event).toBe('gap')
    const again = subscribe(channels, { lastEventId: first?.id })
    await turnEnd()
    await turnEnd()
    const gaps = again.events().filter(({ event }) => event === 'gap')
    expect(gaps.map(({ data }) => JSON.parse(data).reason)).toEqual(['unknown'])
    expect(again.data()).toEqual(expect.arrayContaining(['a1', 'b1']))
  })

  it('continues in a channel that it stopped to follow', async () => {
    const channels = open()
    const controller = new AbortController()
    const sink = createFakeSink()
    void createFakeSse().handler(async (stream) => {
      await Promise.all([
        channels[0].subscribe(stream, { signal: controller.signal }),
        channels[1].subscribe(stream),
      ])
    })({ sink })
    await turnEnd()
    publishAll(channels[0], 'a1')
    await turnEnd()
    controller.abort()
    publishAll(channels[0], 'a2')
    publishAll(channels[1], 'b1')
    await turnEnd()
    const again = subscribe(channels, { lastEventId: parseStream(sink.text()).ids.at(-1) })
    await turnEnd()
    await turnEnd()
    expect(again.data()).toEqual(['a2'])
    sink.leave()
  })

  it('goes on where it was in a channel that it follows again', async () => {
    const channel = createChannel({ history: {} })
    const [first] = publishAll(channel, 'a1', 'a2')
    const controller = new AbortController()
    const sink = createFakeSink()
    void createFakeSse().handler(async (stream) => {
      await channel.subscribe(stream, { signal: controller.signal })
      await channel.subscribe(stream)
    })({ sink, ...(first === undefined ? {} : { lastEventId: first }) })
    await turnEnd()
    controller.abort()
    publishAll(channel, 'a3')
    await turnEnd()
    await turnEnd()
    expect(parseStream(sink.text()).events.map(({ data }) => data)).toEqual(['a2', 'a3'])
    sink.leave()
  })

  it('is still told of a gap, though it stopped to follow before it was', async () => {
    const channels = open()
    publishAll(channels[0], 'a1')
    const controller = new AbortController()
    const sink = createFakeSink()
    void createFakeSse().handler(async (stream) => {
      const first = channels[0].subscribe(stream, { signal: controller.signal })
      controller.abort()
      await Promise.all([first, channels[1].subscribe(stream)])
    })({ sink, lastEventId: 'ffffffffffff-1,eeeeeeeeeeee-1' })
    await turnEnd()
    publishAll(channels[1], 'b1')
    await turnEnd()
    const again = subscribe(channels, { lastEventId: parseStream(sink.text()).ids.at(-1) })
    await turnEnd()
    await turnEnd()
    expect(again.events()[0]?.event).toBe('gap')
    expect(again.data()).toContain('a1')
    sink.leave()
  })

  it('may follow 32 channels with history, and any number without', async () => {
    const channels = Array.from({ length: 33 }, () => createChannel({ history: {} }))
    const refused = subscribe(channels)
    await expect(refused.answered).rejects.toMatchObject({ code: 'ERR_SSE_LIMIT_REACHED' })
    const others = Array.from({ length: 40 }, () => createChannel())
    const client = subscribe([...channels.slice(1), ...others])
    await client.answered
    publishAll(channels[1] as Channel, 'a')
    await turnEnd()
    expect(client.data()).toEqual(['a'])
    expect(client.lastId()?.split(',')).toHaveLength(32)
    expect(channels[0]?.stats().subscribers).toBe(0)
  })
})
