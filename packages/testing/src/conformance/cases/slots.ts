import { expect } from 'vitest'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

const perClient = {
  maxConnectionsPerKey: 1,
  key: (request: { header(name: string): string | undefined }) => request.header('x-client'),
}

/** How many streams may be open, and what the others are told. */
export const SLOT_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-SLOT-01',
    level: 'MUST',
    name: 'the limit is exact when all clients come at once',
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 2 } } },
    async run({ connect, sse }) {
      const connections = await Promise.all(Array.from({ length: 8 }, () => connect('/silent')))
      const statuses = connections.map(({ response }) => response.status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(2)
      expect(statuses.filter((status) => status === 503)).toHaveLength(6)
      expect(sse.stats()).toMatchObject({ active: 2, opened: 2, rejected: { 'server-limit': 6 } })
    },
  },
  {
    id: 'SSE-SLOT-02',
    level: 'MUST',
    name: 'a refusal is a 503 with an integer Retry-After and a JSON body, and is not stored',
    spec: SPECS.retryAfter,
    setup: { options: { limit: { maxConnections: 1, retryAfterMs: 2_000 } } },
    async run({ connect, recorder }) {
      await connect('/silent')
      const { response } = await connect('/events', { headers: { 'x-client': 'me' } })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toMatch(/^[23]$/)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await response.json()).toMatchObject({ error: { code: 'server-limit' } })
      expect(recorder.rejects).toEqual([{ reason: 'server-limit', client: 'me' }])
      expect(recorder.streams).toHaveLength(1)
    },
  },
  {
    id: 'SSE-SLOT-03',
    level: 'MUST',
    name: 'a client over its own limit gets a 429; others and those without a key get in',
    spec: SPECS.tooManyRequests,
    setup: { options: { limit: perClient } },
    async run({ connect, sse }) {
      const as = (client: string) => connect('/silent', { headers: { 'x-client': client } })
      const statuses = [await as('a'), await as('a'), await as('b')].map(statusOf)
      expect(statuses).toEqual([200, 429, 200])
      const refused = (await as('b')).response
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(refused.headers.get('cache-control')).toBe('no-store')
      expect(await refused.json()).toMatchObject({ error: { code: 'key-limit' } })
      const withoutKey = [await connect('/silent'), await connect('/silent')].map(statusOf)
      expect(withoutKey).toEqual([200, 200])
      expect(sse.stats().rejected['key-limit']).toBe(2)
    },
  },
  {
    id: 'SSE-SLOT-04',
    level: 'MUST',
    name: "a client's own slot is free after its stream has ended, however it ended",
    spec: SPECS.tooManyRequests,
    setup: { options: { limit: perClient } },
    async run(trial) {
      const headers = { 'x-client': 'a' }
      for (const path of ['/two-events', '/throw/sync', '/throw/later', '/silent', '/two-events']) {
        const connection = await trial.connect(path, { headers })
        expect([200, 418]).toContain(connection.response.status)
        if (path === '/silent') await connection.close()
        await allEnded(trial)
      }
      forgetErrors(trial)
    },
  },
  {
    id: 'SSE-SLOT-05',
    level: 'MUST',
    name: 'those who wait for a slot get it in the order in which they came',
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 1, maxQueued: 3 } } },
    async run(trial) {
      const first = await trial.connect('/silent', { headers: { 'x-client': '0' } })
      const waiting = [await queue(trial, 1), await queue(trial, 2), await queue(trial, 3)]
      await first.close()
      for (const { connection } of waiting) await (await connection).close()
      await trial.reasons(4)
      expect(trial.recorder.opens.map(({ client }) => client)).toEqual(['0', '1', '2', '3'])
    },
  },
  {
    id: 'SSE-SLOT-06',
    level: 'MUST',
    name: 'a client that leaves the queue leaves no trace',
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 1, maxQueued: 2 } } },
    async run(trial) {
      const { connect, sse, recorder } = trial
      const first = await connect('/silent')
      const [second, third] = [await queue(trial, 1), await queue(trial, 2)]
      second.leave()
      await expect(second.connection).rejects.toThrow()
      await eventually(() => expect(sse.stats().queued).toBe(1))
      await first.close()
      expect((await third.connection).response.status).toBe(200)
      expect(recorder.streams).toHaveLength(2)
      expect(recorder.rejects).toEqual([])
    },
  },
  {
    id: 'SSE-SLOT-07',
    level: 'MUST',
    name: 'a client that waits too long is refused',
    spec: SPECS.unavailable,
    setup: { options: { limit: { maxConnections: 1, maxQueued: 1, queueTimeoutMs: 20 } } },
    async run({ connect, sse }) {
      await connect('/silent')
      const { response } = await connect('/silent')
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ error: { code: 'queue-timeout' } })
      expect(sse.stats()).toMatchObject({ queued: 0, rejected: { 'queue-timeout': 1 } })
    },
  },
  {
    id: 'SSE-SLOT-08',
    level: 'MUST',
    name: 'a client that finds the queue full is refused at once',
    spec: SPECS.unavailable,
    setup: { options: { limit: { maxConnections: 1, maxQueued: 1 } } },
    async run(trial) {
      await trial.connect('/silent')
      const waiting = await queue(trial, 1)
      expect(statusOf(await trial.connect('/silent'))).toBe(503)
      expect(trial.sse.stats().queued).toBe(1)
      waiting.leave()
      await expect(waiting.connection).rejects.toThrow()
    },
  },
  {
    id: 'SSE-SLOT-09',
    level: 'MUST',
    name: 'a soft refusal is an event stream that only says when to come back',
    spec: SPECS.processing,
    setup: { options: { limit: { maxConnections: 1, soft: true, retryAfterMs: 2_000 } } },
    async run({ connect, recorder }) {
      await connect('/silent')
      const connection = await connect('/events')
      expect(await connection.all()).toEqual([])
      expect(connection.text).toMatch(/^:\nretry: \d+\n$/)
      expect(connection.retry).toBeGreaterThanOrEqual(2_000)
      expect(connection.retry).toBeLessThanOrEqual(3_000)
      expect(await connection.ended()).toBe('completed')
      expect(recorder.rejects.map(({ reason }) => reason)).toEqual(['server-limit'])
    },
  },
  {
    id: 'SSE-SLOT-10',
    level: 'MUST',
    name: 'a route may have a limit of its own, and takes slots of the server as well',
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 2 } } },
    async run({ connect }) {
      const statuses: number[] = []
      for (const path of ['/limited', '/limited', '/silent', '/silent']) {
        statuses.push(statusOf(await connect(path)))
      }
      expect(statuses).toEqual([200, 503, 200, 503])
    },
  },
  {
    id: 'SSE-SLOT-11',
    level: 'SHOULD',
    name: 'those who are refused together are not told to come back together',
    spec: SPECS.retryAfter,
    setup: { options: { limit: { maxConnections: 1, soft: true, retryAfterMs: 10_000 } } },
    async run({ connect }) {
      await connect('/silent')
      const refused = await Promise.all(Array.from({ length: 10 }, () => connect('/silent')))
      await Promise.all(refused.map((connection) => connection.ended()))
      expect(new Set(refused.map(({ retry }) => retry)).size).toBeGreaterThan(1)
    },
  },
]

/** Lets a client stand in line, and makes sure that it does. */
async function queue({ connect, sse }: Trial, place: number) {
  const departure = new AbortController()
  const headers = { 'x-client': String(place) }
  const connection = connect('/silent', { headers, signal: departure.signal })
  // A rejection is only for those who look.
  connection.catch(() => {})
  await eventually(() => expect(sse.stats().queued).toBe(place))
  return { connection, leave: () => departure.abort(new Error('left the queue')) }
}

function statusOf({ response }: { response: { status: number } }): number {
  return response.status
}

async function allEnded({ sse }: Trial): Promise<void> {
  await eventually(() => expect(sse.stats().active).toBe(0))
}

function forgetErrors({ takeErrors, takeFrameworkErrors }: Trial): void {
  takeErrors()
  takeFrameworkErrors()
}
