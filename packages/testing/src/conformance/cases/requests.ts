import { expect } from 'vitest'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

/** Methods, `Accept`, and the last event ID. */
export const REQUEST_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-REQUEST-01',
    level: 'MUST',
    name: 'HEAD gets the headers of GET and no body, and starts no source',
    spec: SPECS.methods,
    async run(trial) {
      const get = await exchange(trial, ['one'])
      const head = await trial.connect('/events', { method: 'HEAD' })
      expect(head.response.status).toBe(200)
      for (const name of ['content-type', 'cache-control', 'x-accel-buffering']) {
        const value = head.response.headers.get(name)
        expect([name, value]).toEqual([name, get.connection.response.headers.get(name)])
      }
      expect(await head.response.text()).toBe('')
      expect(trial.recorder.sources).toHaveLength(1)
    },
  },
  {
    id: 'SSE-REQUEST-02',
    level: 'MUST',
    name: 'HEAD takes no slot, and is answered when there is none',
    spec: SPECS.methods,
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ connect, sse }) {
      await connect('/events', { method: 'HEAD' })
      const open = await connect('/silent')
      const { response } = await connect('/events', { method: 'HEAD' })
      expect([open.response.status, response.status]).toEqual([200, 200])
      expect(sse.stats()).toMatchObject({ active: 1, opened: 1 })
    },
  },
  {
    id: 'SSE-REQUEST-03',
    level: 'MUST',
    name: 'POST works like GET, with its body read as JSON first',
    spec: SPECS.methods,
    async run({ connect, stage }) {
      const connection = await connect('/body', { body: { question: 'é?' } })
      const event = await connection.nextEvent()
      expect([event.event, event.json()]).toEqual(['body', { question: 'é?' }])
      stage.open('second')
      expect((await connection.all()).map(({ event: type }) => type)).toEqual(['more'])
    },
  },
  {
    id: 'SSE-REQUEST-04',
    level: 'MUST',
    name: 'POST works with a body that nobody reads',
    spec: SPECS.methods,
    async run(trial) {
      const { data } = await exchange(trial, ['one'], '/events', { body: { unread: true } })
      expect(data).toEqual(['one'])
    },
  },
  acceptCase(5, 'application/json'),
  acceptCase(6, '*/*'),
  acceptCase(7, 'text/html, text/plain;q=0.9'),
  lastEventIdCase(8, 'the last event ID reaches the handler', '/identity', '7', '7'),
  lastEventIdCase(9, 'a last event ID in UTF-8 is decoded', '/identity', 'é世界😀', 'é世界😀'),
  lastEventIdCase(
    10,
    'the last event ID may come in the query, where a client cannot set headers',
    '/identity?lastEventId=a%20%C3%A9',
    undefined,
    'a é',
  ),
  lastEventIdCase(11, 'the header wins over the query', '/identity?lastEventId=1', '2', '2'),
  lastEventIdCase(12, 'an overlong last event ID is ignored', '/identity', 'x'.repeat(1_025), null),
  lastEventIdCase(13, 'no last event ID is none', '/identity', undefined, null),
  {
    id: 'SSE-REQUEST-14',
    level: 'MUST',
    name: 'a client that comes back sends the id that it was given, whatever its characters',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      stage.events = [{ id: 'ä 1:2', data: 'one' }]
      stage.isHeld = true
      const first = await connect('/respond', { headers: { 'x-allowed': 'yes' } })
      await first.take(1)
      const second = await connect('/identity', { lastEventId: first.lastEventId })
      expect((await second.nextEvent()).json()).toMatchObject({ lastEventId: 'ä 1:2' })
    },
  },
  {
    id: 'SSE-REQUEST-15',
    level: 'MUST',
    name: 'every connection has an id of its own',
    spec: SPECS.processing,
    async run(trial) {
      const ids = new Set<unknown>()
      for (let turn = 0; turn < 5; turn += 1) ids.add((await identity(trial, '/identity')).id)
      expect(ids.size).toBe(5)
    },
  },
]

async function identity(
  { connect }: Trial,
  path: string,
  lastEventId?: string,
): Promise<{ id: string; lastEventId: string | null }> {
  const connection = await connect(path, { lastEventId })
  return (await connection.nextEvent()).json()
}

function lastEventIdCase(
  number: number,
  name: string,
  path: string,
  sent: string | undefined,
  expected: string | null,
): ConformanceCase {
  return {
    id: caseId('REQUEST', number),
    level: 'MUST',
    name,
    spec: SPECS.lastEventId,
    async run(trial) {
      expect((await identity(trial, path, sent)).lastEventId).toBe(expected)
    },
  }
}

function acceptCase(number: number, accept: string): ConformanceCase {
  return {
    id: caseId('REQUEST', number),
    level: 'MUST',
    name: `\`Accept: ${accept}\` gets the event stream: several clients ask like this`,
    spec: SPECS.accept,
    async run(trial) {
      const { data } = await exchange(trial, ['one'], '/events', { headers: { accept } })
      expect(data).toEqual(['one'])
    },
  }
}
