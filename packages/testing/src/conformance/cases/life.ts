import { expect } from 'vitest'
import { codeOf } from '../aftermath.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { exchange } from '../exchange.ts'
import type { ScenarioOptions } from '../scenario.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

/** The signal, the end and its reason. That each happens once is asserted after every case. */
export const LIFE_CASES: readonly ConformanceCase[] = [
  orderCase(1, 'client-disconnect', async (_trial, leave) => leave()),
  orderCase(2, 'idle-timeout', async () => {}, { idleTimeoutMs: 30 }),
  orderCase(3, 'max-duration', async () => {}, { maxDurationMs: 30 }),
  orderCase(4, 'shutdown', async ({ sse }) => sse.close()),
  {
    id: 'SSE-LIFE-05',
    level: 'MUST',
    name: 'the reason of the signal is an error whose code is the end reason',
    spec: SPECS.abort,
    async run({ connect, recorder, reasons }) {
      const connection = await connect('/patient')
      await connection.take(1)
      await connection.close()
      await reasons()
      const reason = recorder.streams[0]?.aborts[0]
      expect(reason).toBeInstanceOf(Error)
      expect(codeOf(reason)).toBe('client-disconnect')
    },
  },
  {
    id: 'SSE-LIFE-06',
    level: 'MUST',
    name: 'nothing waits for a source that is parked: the slot is free at once',
    spec: SPECS.iteratorClose,
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ connect, recorder, reasons, sse }) {
      const connection = await connect('/parked')
      await connection.take(1)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
      expect(sse.stats().active).toBe(0)
      expect((await connect('/patient')).response.status).toBe(200)
      expect(recorder.sources[0]?.cleaned).toBe(0)
    },
  },
  {
    id: 'SSE-LIFE-07',
    level: 'MUST',
    name: 'a source that does not clean up in time is counted and reported',
    spec: SPECS.iteratorClose,
    setup: { options: { cleanupTimeoutMs: 20 } },
    async run({ connect, sse, takeErrors }) {
      const connection = await connect('/parked')
      await connection.take(1)
      await connection.close()
      await eventually(() => expect(sse.stats().orphaned).toBe(1))
      expect(takeErrors().map(codeOf)).toEqual(['ERR_SSE_ORPHANED_SOURCE'])
    },
  },
  {
    id: 'SSE-LIFE-08',
    level: 'MUST',
    name: 'a source that knows nothing of its stream is stopped all the same',
    spec: SPECS.iteratorClose,
    async run({ connect, stage, recorder, reasons }) {
      const connection = await connect('/unobserved')
      await connection.take(1)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
      stage.open('end')
      await eventually(() => expect(recorder.sources[0]?.cleaned).toBe(1))
    },
  },
  {
    id: 'SSE-LIFE-09',
    level: 'MUST',
    name: 'stream.close() sends its last event and ends the stream, once',
    spec: SPECS.processing,
    async run({ connect, reasons, sse }) {
      const connection = await connect('/close')
      const events = await connection.all()
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ['message', 'one'],
        ['bye', 'two'],
      ])
      expect(await connection.ended()).toBe('completed')
      expect(await reasons()).toEqual(['closed'])
      expect(sse.stats().dropped).toBe(1)
    },
  },
  {
    id: 'SSE-LIFE-10',
    level: 'MUST',
    name: 'stream.close() does not wait for a source that is parked',
    spec: SPECS.processing,
    async run({ connect, recorder, reasons }) {
      const connection = await connect('/close/parked')
      expect((await connection.all()).map(({ data }) => data)).toEqual(['one'])
      expect(await reasons()).toEqual(['closed'])
      expect(recorder.sources[0]?.cleaned).toBe(0)
    },
  },
  {
    id: 'SSE-LIFE-11',
    level: 'MUST',
    name: 'onEnd is told the request, the events, the bytes and the time',
    spec: SPECS.processing,
    async run(trial) {
      const headers = { 'x-client': 'me' }
      const { text } = await exchange(trial, ['one', 'two'], '/events', { headers })
      await trial.reasons()
      const [end] = trial.recorder.ends
      expect(end?.client).toBe('me')
      expect(end?.info).toMatchObject({ events: 2, bytes: text.length })
      expect(end?.info.durationMs).toBeGreaterThanOrEqual(0)
      expect(end?.info.durationMs).toBeLessThan(10_000)
    },
  },
  {
    id: 'SSE-LIFE-12',
    level: 'MUST',
    name: 'stats() counts what is open, and adds up what was',
    spec: SPECS.processing,
    async run(trial) {
      const { connect, reasons, sse } = trial
      const { text } = await exchange(trial, ['one', 'two'])
      await reasons()
      const open = await connect('/patient')
      await open.take(1)
      const { active, opened, ended, events, bytes } = sse.stats()
      expect({ active, opened, events }).toEqual({ active: 1, opened: 2, events: 3 })
      expect(ended.completed).toBe(1)
      expect(bytes).toBe(text.length + open.text.length)
    },
  },
  {
    id: 'SSE-LIFE-13',
    level: 'MUST',
    name: 'hooks that throw harm no stream, and are reported',
    spec: SPECS.unhandled,
    setup: {
      options: {
        onOpen: () => {
          throw new Error('onOpen')
        },
        onEnd: () => {
          throw new Error('onEnd')
        },
      },
    },
    async run(trial) {
      expect((await exchange(trial, ['one'])).data).toEqual(['one'])
      await trial.reasons()
      const errors = trial.takeErrors() as Error[]
      expect(errors.map(({ message }) => message)).toEqual(['onOpen', 'onEnd'])
    },
  },
]

function orderCase(
  number: number,
  reason: string,
  end: (trial: Trial, leave: () => Promise<void>) => Promise<void>,
  options: ScenarioOptions = {},
): ConformanceCase {
  return {
    id: caseId('LIFE', number),
    level: 'MUST',
    name: `the signal aborts before the source is asked to return: ${reason}`,
    spec: SPECS.abort,
    setup: { options },
    async run(trial) {
      const connection = await trial.connect('/order')
      await connection.waitFor(({ text }) => text !== '')
      await end(trial, () => connection.close())
      expect(await trial.reasons()).toEqual([reason])
      expect(trial.recorder.order).toEqual(['abort', 'cleaned', 'onEnd'])
    },
  }
}
