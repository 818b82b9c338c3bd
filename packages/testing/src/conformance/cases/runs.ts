import { createRuns, type Run } from '@sse/core'
import { expect } from 'vitest'
import { openRawRequest } from '../../faults/raw-connection.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { numberOf, range } from '../publishing.ts'
import { RUN_ID } from '../scenarios/channels.ts'
import { FINITE_EVENTS, FLOOD_TEXT } from '../scenarios/floods.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

const ABANDON_MS = 30

/** Runs outlive their clients, and whoever comes back has missed nothing. */
export const RUN_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-RUN-01',
    level: 'MUST',
    name: 'a run is started once, however many ask for it, and all of them see all of it',
    spec: SPECS.methods,
    async run({ connect, stage, recorder, reasons }) {
      stage.runs = createRuns({ completion: { event: 'done', data: '' } })
      stage.events = tokens(200)
      const viewers = await Promise.all([
        connect('/run'),
        connect('/run', { body: { question: 'x' } }),
        connect('/run'),
      ])
      const views = await Promise.all(viewers.map((viewer) => viewer.all()))
      const late = await (await connect('/run')).all()
      for (const events of [...views, late]) {
        expect(events.slice(0, -1).map(numberOf)).toEqual(range(1, 200))
        expect(events.at(-1)?.event).toBe('done')
      }
      expect(recorder.sources.map(({ produced }) => produced)).toEqual([200])
      expect(await reasons(4)).toEqual(range(1, 4).map(() => 'completed'))
      expect(stage.runs.get(RUN_ID)).toMatchObject({ status: 'completed', viewers: 0 })
    },
  },
  {
    id: 'SSE-RUN-02',
    level: 'MUST',
    name: 'reloads in mid-answer lose no token, and make no second call',
    spec: SPECS.lastEventId,
    async run({ connect, stage, recorder }) {
      stage.events = tokens(600)
      const numbers: number[] = []
      let lastEventId: string | undefined
      for (const count of [1, 30, 100, 1, 200, Infinity]) {
        const viewer = await connect('/run', { lastEventId })
        let left = count
        for await (const event of viewer) {
          numbers.push(numberOf(event))
          left -= 1
          if (left === 0) break
        }
        lastEventId = viewer.lastEventId
        await viewer.close()
      }
      expect(numbers).toEqual(range(1, 600))
      expect(recorder.sources).toHaveLength(1)
      expect((await connect('/run', { lastEventId })).response.status).toBe(204)
    },
  },
  {
    id: 'SSE-RUN-03',
    level: 'MUST',
    name: 'a page that is loaded anew in mid-answer sees it from the beginning',
    spec: SPECS.processing,
    async run({ connect, stage, recorder }) {
      stage.events = tokens(20)
      stage.isHeld = true
      const first = await connect('/run')
      await first.take(10)
      await first.close()
      const again = await connect('/run')
      expect((await again.take(20)).map(numberOf)).toEqual(range(1, 20))
      stage.open('end')
      expect(await again.all()).toEqual([])
      expect(recorder.sources).toHaveLength(1)
    },
  },
  {
    id: 'SSE-RUN-04',
    level: 'MUST',
    name: 'a run goes on when nobody watches',
    spec: SPECS.processing,
    async run(trial) {
      const { connect, stage } = trial
      stage.events = tokens(300)
      const viewer = await connect('/run')
      const [{ lastEventId } = { lastEventId: '' }] = await viewer.take(1)
      await viewer.close()
      expect(await runOf(trial).ended).toBe('completed')
      const missed = await (await connect('/run', { lastEventId })).all()
      expect(missed.map(numberOf)).toEqual(range(2, 300))
    },
  },
  {
    id: 'SSE-RUN-05',
    level: 'MUST',
    name: 'who has all of a finished run is answered with 204: no body, no length, and the connection goes on',
    spec: SPECS.noContent,
    requires: ['HTTP/1.1'],
    async run({ url, use, connect, stage, sse }) {
      stage.events = tokens(3)
      const viewer = await connect('/run')
      await viewer.all()
      const request = { path: '/run', lastEventId: viewer.lastEventId }
      const connection = await use(openRawRequest(url, request))
      expect((await connection.head()).status).toBe(204)
      const { length } = await connection.waitFor((text) => text.endsWith('\r\n\r\n'))
      expect(connection.text).not.toMatch(/content-length|transfer-encoding|content-type/i)
      await connection.write('GET /two-events HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await connection.waitFor((text) => text.includes('data: two\n\n'))
      expect(connection.text.slice(length)).toMatch(/^HTTP\/1.1 200 /)
      await eventually(() => expect(sse.stats().active).toBe(0))
    },
  },
  {
    id: 'SSE-RUN-06',
    level: 'MUST',
    name: 'cancel stops the source, and gives the viewers the rest, a last event and a clean end',
    spec: SPECS.abort,
    async run(trial) {
      const { connect, stage, recorder, reasons } = trial
      stage.events = tokens(5)
      stage.isHeld = true
      const viewers = [await connect('/run'), await connect('/run')]
      await Promise.all(viewers.map((viewer) => viewer.take(5)))
      runOf(trial).cancel({ event: 'cancelled', data: '' })
      for (const viewer of viewers) {
        expect((await viewer.all()).map(({ event }) => event)).toEqual(['cancelled'])
      }
      expect(await reasons(2)).toEqual(['completed', 'completed'])
      expect(await runOf(trial).ended).toBe('cancelled')
      await eventually(() => expect(recorder.sources[0]?.cleaned).toBe(1))
    },
  },
  {
    id: 'SSE-RUN-07',
    level: 'MUST',
    name: 'a run that its last viewer has left is cancelled after a while, where that is chosen',
    spec: SPECS.abort,
    async run(trial) {
      const { connect, stage, recorder } = trial
      stage.runs = createRuns({ abandonMs: ABANDON_MS })
      stage.events = tokens(5)
      stage.isHeld = true
      const viewers = [await connect('/run'), await connect('/run')]
      await viewers[0]?.take(5)
      await viewers[0]?.close()
      // Who is left keeps it alive, for longer than it would live without.
      await eventually(() => expect(runOf(trial).viewers).toBe(1))
      await new Promise((resolve) => setTimeout(resolve, 2 * ABANDON_MS))
      expect(runOf(trial).status).toBe('running')
      await viewers[1]?.close()
      expect(await runOf(trial).ended).toBe('cancelled')
      await eventually(() => expect(recorder.sources[0]?.cleaned).toBe(1))
    },
  },
  {
    id: 'SSE-RUN-08',
    level: 'MUST',
    name: 'a run whose source throws ends with an error that says nothing, now and later',
    spec: SPECS.errorText,
    async run({ connect, stage, reasons }) {
      const errors: unknown[] = []
      stage.runs = createRuns({ onError: (error, id) => void errors.push(error, id) })
      stage.events = tokens(3)
      for (const viewer of [await connect('/run/throw'), await connect('/run/throw')]) {
        const events = (await viewer.all()).map(({ event }) => event)
        expect(events).toEqual(['message', 'message', 'message', 'error'])
        expect(viewer.text).not.toContain('SECRET')
      }
      expect(errors).toEqual([stage.error, RUN_ID])
      expect(await reasons(2)).toEqual(['completed', 'completed'])
    },
  },
  {
    id: 'SSE-RUN-09',
    level: 'MUST',
    name: 'a viewer that does not read holds up neither the run nor the others, and loses nothing',
    spec: SPECS.backPressure,
    async run(trial) {
      const { connect, stage } = trial
      stage.runs = createRuns({ history: { maxBytes: 64 * 1_048_576 } })
      stage.events = range(1, FINITE_EVENTS).map((number) => `${number} ${FLOOD_TEXT}`)
      const frozen = await connect('/run', { readAheadBytes: 0 })
      const healthy = await connect('/run')
      expect((await healthy.all()).map(numberOf)).toEqual(range(1, FINITE_EVENTS))
      expect(runOf(trial)).toMatchObject({ status: 'completed', viewers: 1 })
      expect((await frozen.all()).map(numberOf)).toEqual(range(1, FINITE_EVENTS))
    },
  },
  {
    id: 'SSE-RUN-10',
    level: 'MUST',
    name: 'HEAD starts no run',
    spec: SPECS.methods,
    async run({ connect, stage, recorder }) {
      expect((await connect('/run', { method: 'HEAD' })).response.status).toBe(200)
      expect(stage.runs.size).toBe(0)
      expect(recorder.sources).toEqual([])
    },
  },
  {
    id: 'SSE-RUN-11',
    level: 'MUST',
    name: 'shutdown ends the streams of a run with the farewell, but not the run',
    spec: SPECS.processing,
    async run(trial) {
      const { connect, stage, sse, reasons } = trial
      stage.events = tokens(5)
      stage.isHeld = true
      const viewer = await connect('/run')
      await viewer.take(5)
      await sse.close({ event: { event: 'bye' } })
      expect((await viewer.all()).map(({ event }) => event)).toEqual(['bye'])
      expect(await reasons()).toEqual(['shutdown'])
      expect(runOf(trial)).toMatchObject({ status: 'running', viewers: 0 })
      stage.open('end')
      expect(await runOf(trial).ended).toBe('completed')
    },
  },
]

function tokens(count: number): string[] {
  return range(1, count).map(String)
}

function runOf({ stage }: Trial): Run {
  const run = stage.runs.get(RUN_ID)
  if (run === undefined) throw new Error('there is no run')
  return run
}
