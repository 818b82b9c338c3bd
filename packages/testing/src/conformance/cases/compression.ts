import { expect } from 'vitest'
import { nextTurn } from '../../clock.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { numberOf, publishLarge, publishNumbers, range } from '../publishing.ts'
import { SPECS } from '../specs.ts'

// Longer than a channel lets those wait who came late.
const JOIN_MS = 1_200

/** Event streams that are compressed. That they are streams like all others is what the whole suite shows. */
export const COMPRESSION_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-ZIP-01',
    level: 'MUST',
    name: 'a client that accepts an encoding gets the stream in it, and caches are told',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    async run(trial) {
      const { connection, data } = await exchange(trial, ['one', 'two'])
      const { headers } = connection.response
      expect(headers.get('content-encoding')).toMatch(/^(gzip|br|zstd)$/)
      expect(headers.get('vary')).toMatch(/\baccept-encoding\b/i)
      expect(data).toEqual(['one', 'two'])
      expect(await connection.ended()).toBe('completed')
    },
  },
  {
    id: 'SSE-ZIP-02',
    level: 'MUST',
    name: 'a client that accepts none gets plain text, and caches are told',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    async run(trial) {
      for (const accepted of ['identity', 'gzip;q=0, br;q=0, zstd;q=0', 'unheard-of']) {
        const headers = { 'accept-encoding': accepted }
        const { connection, data } = await exchange(trial, ['one'], '/events', { headers })
        expect(connection.response.headers.get('content-encoding')).toBe(null)
        expect(connection.response.headers.get('vary')).toMatch(/\baccept-encoding\b/i)
        expect(data).toEqual(['one'])
      }
    },
  },
  {
    id: 'SSE-ZIP-03',
    level: 'MUST',
    name: 'every event can be decoded as soon as it was sent',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    async run({ connect, stage }) {
      const connection = await connect('/gated')
      expect((await connection.nextEvent()).data).toBe('one')
      stage.open('second')
      expect((await connection.nextEvent()).data).toBe('two')
    },
  },
  {
    id: 'SSE-ZIP-04',
    level: 'SHOULD',
    name: 'HEAD gets the headers that GET would',
    spec: SPECS.methods,
    requires: ['compressed streams'],
    async run({ connect }) {
      const [get, head] = [await connect('/patient'), await connect('/patient', { method: 'HEAD' })]
      for (const name of ['content-encoding', 'vary']) {
        expect(head.response.headers.get(name)).toBe(get.response.headers.get(name))
      }
      expect(head.text).toBe('')
    },
  },
  {
    id: 'SSE-ZIP-05',
    level: 'MUST',
    name: 'refusals are not compressed',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ connect }) {
      await connect('/silent')
      const { response } = await connect('/events')
      expect(response.status).toBe(503)
      expect(response.headers.get('content-encoding')).toBe(null)
      expect(await response.json()).toMatchObject({ error: { code: 'server-limit' } })
    },
  },
  {
    id: 'SSE-ZIP-06',
    level: 'MUST',
    name: 'what somebody else has encoded, or means to, is not encoded again',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams', 'earlier headers'],
    setup: { earlierHeaders: { 'content-encoding': 'identity' } },
    async run(trial) {
      const { connection, data } = await exchange(trial, ['one'])
      expect(connection.response.headers.get('content-encoding')).toBe('identity')
      expect(data).toEqual(['one'])
    },
  },
  {
    id: 'SSE-ZIP-07',
    level: 'MUST',
    name: 'a Vary of earlier middleware stays',
    spec: SPECS.vary,
    requires: ['compressed streams', 'earlier headers'],
    setup: { earlierHeaders: { vary: 'Origin' } },
    async run(trial) {
      const { connection } = await exchange(trial, ['one'])
      expect(connection.response.headers.get('vary')).toMatch(/^origin, accept-encoding$/i)
    },
  },
  {
    id: 'SSE-ZIP-08',
    level: 'MUST',
    name: 'subscribers of a channel that came at different times all get everything at once',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    async run({ connect, stage }) {
      const first = await connect('/channel')
      publishNumbers(stage.channel, 1, 3)
      expect((await first.take(3)).map(numberOf)).toEqual([1, 2, 3])
      const [second, replayed] = [await connect('/channel'), await connect('/channel/start')]
      const plain = await connect('/channel', { headers: { 'accept-encoding': 'identity' } })
      expect((await replayed.take(3)).map(numberOf)).toEqual([1, 2, 3])
      const all = [first, second, replayed, plain]
      for (const number of range(4, 40)) {
        publishNumbers(stage.channel, number, number)
        for (const each of all) expect(numberOf(await each.nextEvent())).toBe(number)
      }
      await new Promise((resolve) => setTimeout(resolve, JOIN_MS))
      const late = await connect('/channel')
      all.push(late)
      for (const number of range(41, 60)) {
        publishNumbers(stage.channel, number, number)
        for (const each of all) expect(numberOf(await each.nextEvent())).toBe(number)
      }
      stage.channel.close('61')
      for (const each of all) {
        expect((await each.all()).map(numberOf)).toEqual([61])
        expect(await each.ended()).toBe('completed')
      }
    },
  },
  {
    id: 'SSE-ZIP-09',
    level: 'MUST',
    name: 'events of a channel that are larger than a write arrive whole, among others',
    spec: SPECS.contentEncoding,
    requires: ['compressed streams'],
    async run({ connect, stage }) {
      const connections = [await connect('/channel'), await connect('/channel')]
      for (const number of range(1, 12)) {
        publishLarge(stage.channel, number)
        publishNumbers(stage.channel, 100 + number, 100 + number)
        await nextTurn()
      }
      const expected = range(1, 12).flatMap((number) => [number, 100 + number])
      for (const each of connections) {
        expect((await each.take(24)).map(numberOf)).toEqual(expected)
      }
    },
  },
]
