import { createChannel } from '@sse/core'
import { expect } from 'vitest'
import { nextTurn } from '../../clock.ts'
import { codeOf } from '../aftermath.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { numberOf, publishNumbers, range } from '../publishing.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

// Some 20 times the silence between two events.
const HEARTBEAT_MS = 100

/** Publish once, reach everyone. */
export const CHANNEL_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-CHAN-01',
    level: 'MUST',
    name: 'every subscriber gets every event, once and in order',
    spec: SPECS.processing,
    async run(trial) {
      const { stage } = trial
      const connections = await connectMany(trial, 8)
      for (let first = 1; first <= 300; first += 3) {
        publishNumbers(stage.channel, first, first + 2)
        await nextTurn()
      }
      for (const connection of connections) {
        expect((await connection.take(300)).map(numberOf)).toEqual(range(1, 300))
      }
      expect(stage.channel.stats()).toMatchObject({ subscribers: 8, delivered: 8 * 300 })
    },
  },
  {
    id: 'SSE-CHAN-02',
    level: 'SHOULD',
    name: 'what one turn of the event loop publishes arrives together',
    spec: SPECS.processing,
    async run({ connect, stage }) {
      const connection = await connect('/channel')
      await connection.waitFor(({ text }) => text === ':\n')
      publishNumbers(stage.channel, 1, 20)
      await connection.take(20)
      const texts = connection.chunks.map(({ bytes }) => new TextDecoder().decode(bytes))
      expect(texts.filter((text) => text.includes('data:'))).toHaveLength(1)
    },
  },
  {
    id: 'SSE-CHAN-03',
    level: 'MUST',
    name: 'an event is serialized once, however many subscribers there are',
    spec: SPECS.processing,
    async run(trial) {
      let calls = 0
      const serialize = (data: unknown) => `${JSON.stringify(data)} ${(calls += 1)}`
      trial.stage.channel = createChannel({ history: {}, serialize })
      const connections = await connectMany(trial, 8)
      trial.stage.channel.publish({ data: { a: 1 } })
      for (const connection of connections) {
        expect((await connection.nextEvent()).data).toBe('{"a":1} 1')
      }
      const late = await trial.connect('/channel/start')
      expect((await late.nextEvent()).data).toBe('{"a":1} 1')
      expect(calls).toBe(1)
    },
  },
  {
    id: 'SSE-CHAN-04',
    level: 'MUST',
    name: 'who comes later gets what is published from then on, or all that is kept if asked for',
    spec: SPECS.processing,
    async run({ connect, stage }) {
      publishNumbers(stage.channel, 1, 3)
      const [now, start] = [await connect('/channel'), await connect('/channel/start')]
      publishNumbers(stage.channel, 4, 5)
      expect((await now.take(2)).map(numberOf)).toEqual([4, 5])
      expect((await start.take(5)).map(numberOf)).toEqual(range(1, 5))
    },
  },
  {
    id: 'SSE-CHAN-05',
    level: 'MUST',
    name: 'POST works like GET, and goes on after its body was read',
    spec: SPECS.methods,
    async run({ connect, stage }) {
      const connection = await connect('/channel', { body: { question: 'x' } })
      const [first] = publishNumbers(stage.channel, 1, 1)
      expect((await connection.nextEvent()).id).toBe(first)
      // Time for the request to emit `close`: a client that comes later is served before.
      await (await connect('/identity')).all()
      publishNumbers(stage.channel, 2, 3)
      expect((await connection.take(2)).map(numberOf)).toEqual([2, 3])
      const again = await connect('/channel', { body: { question: 'x' }, lastEventId: first })
      expect((await again.take(2)).map(numberOf)).toEqual([2, 3])
    },
  },
  {
    id: 'SSE-CHAN-06',
    level: 'MUST',
    name: 'HEAD starts no subscription',
    spec: SPECS.methods,
    async run({ connect, stage }) {
      const { response } = await connect('/channel', { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
      expect(publishNumbers(stage.channel, 1, 1)).toHaveLength(1)
      expect(stage.channel.stats()).toMatchObject({ subscribers: 0, delivered: 0 })
    },
  },
  {
    id: 'SSE-CHAN-07',
    level: 'MUST',
    name: 'an ordinary handler may subscribe the stream that it responds with',
    spec: SPECS.processing,
    async run({ connect, stage, reasons }) {
      const connection = await connect('/respond/channel', { headers: { 'x-allowed': 'yes' } })
      publishNumbers(stage.channel, 1, 2)
      expect((await connection.take(2)).map(numberOf)).toEqual([1, 2])
      stage.channel.close('3')
      expect((await connection.all()).map(numberOf)).toEqual([3])
      expect(await reasons()).toEqual(['completed'])
    },
  },
  {
    id: 'SSE-CHAN-08',
    level: 'MUST',
    name: 'slots and subscribers are back at zero when all have left, while events flow',
    spec: SPECS.abort,
    setup: { options: { limit: { maxConnections: 20 } } },
    async run(trial) {
      const { stage, sse, reasons } = trial
      const connections = await connectMany(trial, 20)
      publishNumbers(stage.channel, 1, 5)
      await Promise.all(connections.map((connection) => connection.take(5)))
      expect(stage.channel.stats().subscribers).toBe(20)
      for (const connection of connections) {
        publishNumbers(stage.channel, 6, 6)
        void connection.close()
      }
      expect(new Set(await reasons(20))).toEqual(new Set(['client-disconnect']))
      expect(stage.channel.stats().subscribers).toBe(0)
      expect(sse.stats().active).toBe(0)
      const again = await connectMany(trial, 20)
      expect(new Set(again.map(({ response }) => response.status))).toEqual(new Set([200]))
    },
  },
  {
    id: 'SSE-CHAN-09',
    level: 'MUST',
    name: 'a subscriber whose filter throws ends alone, with an error that says nothing',
    spec: SPECS.errorText,
    async run({ connect, stage, reasons, takeErrors }) {
      const bad = await connect('/channel/throw')
      const good = await connect('/channel')
      publishNumbers(stage.channel, 1, 1)
      expect((await bad.all()).map(({ event }) => event)).toEqual(['error'])
      expect(bad.text).not.toContain('SECRET')
      publishNumbers(stage.channel, 2, 2)
      expect((await good.take(2)).map(numberOf)).toEqual([1, 2])
      expect(await reasons()).toEqual(['source-error'])
      expect(takeErrors()).toEqual([stage.error])
    },
  },
  {
    id: 'SSE-CHAN-10',
    level: 'MUST',
    name: 'heartbeats are sent in the silence of a channel, and not while events flow',
    spec: SPECS.authoring,
    setup: { options: { heartbeatMs: HEARTBEAT_MS } },
    async run({ connect, stage }) {
      const connection = await connect('/channel')
      for (const number of range(1, 30)) {
        publishNumbers(stage.channel, number, number)
        await connection.nextEvent()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const { chunks } = connection
      // On a machine that stalls there is silence between two events, and a heartbeat in it is right.
      const early = chunks.filter(({ bytes, atMs }, index) => {
        const silenceMs = atMs - (chunks[index - 1]?.atMs ?? -HEARTBEAT_MS)
        return /^:$/m.test(new TextDecoder().decode(bytes)) && silenceMs < HEARTBEAT_MS / 2
      })
      expect(early).toEqual([])
      const { length } = connection.comments
      await connection.waitFor(({ comments }) => comments.length > length)
    },
  },
  {
    id: 'SSE-CHAN-11',
    level: 'MUST',
    name: 'shutdown sends what was published before, then the farewell',
    spec: SPECS.processing,
    async run(trial) {
      const { stage, sse, reasons } = trial
      const connections = await connectMany(trial, 4)
      publishNumbers(stage.channel, 1, 20)
      await sse.close({ event: { event: 'bye' } })
      for (const connection of connections) {
        const events = await connection.all()
        expect(events.slice(0, -1).map(numberOf)).toEqual(range(1, 20))
        expect(events.at(-1)?.event).toBe('bye')
        expect(await connection.ended()).toBe('completed')
      }
      expect(await reasons(4)).toEqual(connections.map(() => 'shutdown'))
      expect(stage.channel.stats().subscribers).toBe(0)
    },
  },
  {
    id: 'SSE-CHAN-12',
    level: 'MUST',
    name: 'a channel that closes gives everyone the rest and its last event, and a clean end',
    spec: SPECS.processing,
    async run(trial) {
      const { stage, reasons } = trial
      const connections = await connectMany(trial, 4)
      // More than leaves in one turn.
      for (const number of range(1, 64)) stage.channel.publish(`${number} ${'x'.repeat(8_192)}`)
      stage.channel.close({ event: 'bye', data: '65' })
      for (const connection of connections) {
        const events = await connection.all()
        expect(events.map(numberOf)).toEqual(range(1, 65))
        expect(await connection.ended()).toBe('completed')
      }
      expect(await reasons(4)).toEqual(connections.map(() => 'completed'))
    },
  },
  {
    id: 'SSE-CHAN-13',
    level: 'MUST',
    name: 'a stream that is refused because the channel is full is an error before the head',
    spec: SPECS.serverErrors,
    async run({ connect, stage, takeFrameworkErrors }) {
      stage.channel = createChannel({ maxSubscribers: 1 })
      const first = await connect('/channel')
      expect((await connect('/channel')).response.status).toBe(418)
      expect(takeFrameworkErrors().map(codeOf)).toEqual(['ERR_SSE_LIMIT_REACHED'])
      publishNumbers(stage.channel, 1, 1)
      expect(numberOf(await first.nextEvent())).toBe(1)
      await first.close()
      await eventually(() => expect(stage.channel.stats().subscribers).toBe(0))
      expect((await connect('/channel')).response.status).toBe(200)
    },
  },
]

function connectMany({ connect }: Trial, count: number) {
  return Promise.all(range(1, count).map(() => connect('/channel')))
}
