import { expect } from 'vitest'
import type { EventStreamConnection } from '../../client/event-stream-connection.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

const RUNS = 200
const AT_ONCE = 10

// Streams that end in every way there is, by themselves.
const PATHS = [
  '/events',
  '/throw/sync',
  '/throw/async',
  '/throw/first',
  '/throw/later',
  '/garbage',
  '/garbage/event',
  '/close',
  '/nothing',
  '/two-events',
] as const

/** The slot of a stream is free again after every way in which a stream can end. */
export const SLOT_RETURN_CASES: readonly ConformanceCase[] = [
  returnCase(1, 'it ends', '/two-events'),
  returnCase(2, 'it ends without an event', '/nothing'),
  returnCase(3, 'its handler throws before the head', '/throw/sync'),
  returnCase(4, 'its handler rejects before the head', '/throw/async'),
  returnCase(5, 'its source throws before the head', '/throw/first'),
  returnCase(6, 'its source throws after the head', '/throw/later'),
  returnCase(7, 'its handler gives nothing usable', '/garbage'),
  returnCase(8, 'it is closed', '/close'),
  returnCase(9, 'it overflows', '/flood/unawaited', async ({ stage }) => stage.open('flood')),
  returnCase(10, 'its client has left', '/parked', (_trial, client) => client.close()),
  returnCase(11, 'its ordinary handler throws in respond()', '/respond/throw'),
  {
    id: 'SSE-RETURN-12',
    level: 'MUST',
    name: `slots are exact after ${RUNS} streams that ended in every way`,
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 3, maxQueued: AT_ONCE } } },
    async run(trial) {
      const { connect, sse, stage } = trial
      stage.events = ['one']
      for (let run = 0; run < RUNS; run += AT_ONCE) {
        await Promise.all(PATHS.map((path, lane) => visit(trial, path, (run + lane) % 7 === 0)))
      }
      await eventually(() => expect(sse.stats()).toMatchObject({ active: 0, queued: 0 }))
      const last = await Promise.all([connect('/silent'), connect('/silent'), connect('/silent')])
      expect(last.map(({ response }) => response.status)).toEqual([200, 200, 200])
      connect('/silent').catch(() => {})
      await eventually(() => expect(sse.stats()).toMatchObject({ active: 3, queued: 1 }))
      trial.takeErrors()
      trial.takeFrameworkErrors()
    },
  },
]

async function visit({ connect }: Trial, path: string, leavesEarly: boolean): Promise<void> {
  const connection = await connect(path)
  if (!leavesEarly) await connection.ended()
  await connection.close()
}

async function readAll(_trial: Trial, connection: EventStreamConnection): Promise<unknown> {
  return connection.ended()
}

function returnCase(
  number: number,
  when: string,
  path: string,
  end: (trial: Trial, connection: EventStreamConnection) => Promise<unknown> = readAll,
): ConformanceCase {
  return {
    id: caseId('RETURN', number),
    level: 'MUST',
    name: `the slot of a stream, and no other, is free when ${when}`,
    spec: SPECS.exhaustion,
    setup: { options: { limit: { maxConnections: 1 } } },
    async run(trial) {
      const headers = { 'x-allowed': 'yes' }
      const connection = await trial.connect(path, { headers, readAheadBytes: 0 })
      expect([200, 418]).toContain(connection.response.status)
      await end(trial, connection)
      await eventually(() => expect(trial.sse.stats().active).toBe(0))
      const next = [await trial.connect('/silent'), await trial.connect('/silent')]
      expect(next.map(({ response }) => response.status)).toEqual([200, 503])
      trial.takeErrors()
      trial.takeFrameworkErrors()
    },
  }
}
