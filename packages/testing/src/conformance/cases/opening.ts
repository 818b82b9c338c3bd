import { expect } from 'vitest'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

/** Opened means open: nothing waits for the first event. */
export const OPENING_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-OPEN-01',
    level: 'MUST',
    name: 'head and first comment are there before the source has an event',
    spec: SPECS.processing,
    async run({ connect, recorder }) {
      const connection = await connect('/silent')
      await connection.waitFor(({ text }) => text.length > 1)
      expect(connection.response.status).toBe(200)
      expect(connection.text).toBe(':\n')
      expect(recorder.sources.map(({ produced }) => produced)).toEqual([0])
    },
  },
  {
    id: 'SSE-OPEN-02',
    level: 'MUST',
    name: 'they are there while the handler still waits for something',
    spec: SPECS.processing,
    async run({ connect, stage, reasons }) {
      stage.events = ['one']
      const connection = await connect('/of/slow-handler')
      await connection.waitFor(({ text }) => text === ':\n')
      stage.open('handler')
      expect((await connection.nextEvent()).data).toBe('one')
      expect(await reasons()).toEqual(['completed'])
    },
  },
  {
    id: 'SSE-OPEN-03',
    level: 'MUST',
    name: 'the reconnection time comes with them where it is set',
    spec: SPECS.processing,
    setup: { options: { retryMs: 2_500 } },
    async run({ connect }) {
      const connection = await connect('/silent')
      await connection.waitFor(({ retry }) => retry === 2_500)
      expect(connection.text).toBe(':\nretry: 2500\n')
    },
  },
  {
    id: 'SSE-OPEN-04',
    level: 'MUST',
    name: 'the first event is there before the source makes the second',
    spec: SPECS.processing,
    async run({ connect, stage, recorder }) {
      const connection = await connect('/gated')
      expect((await connection.nextEvent()).data).toBe('one')
      expect(recorder.sources.map(({ produced }) => produced)).toEqual([1])
      stage.open('second')
      expect((await connection.nextEvent()).data).toBe('two')
    },
  },
  {
    id: 'SSE-OPEN-05',
    level: 'MUST',
    name: 'an event that is sent is there before the handler returns',
    spec: SPECS.processing,
    async run({ connect, stage }) {
      const connection = await connect('/gated/push')
      expect((await connection.nextEvent()).data).toBe('one')
      stage.open('second')
      expect((await connection.all()).map(({ data }) => data)).toEqual(['two'])
    },
  },
  {
    id: 'SSE-OPEN-06',
    level: 'MUST',
    name: 'no blank line comes before the first event: some clients would make an event of it',
    spec: SPECS.interpretation,
    setup: { options: { retryMs: 1_000 } },
    async run(trial) {
      const { text } = await exchange(trial, ['one'])
      expect(text).toBe(':\nretry: 1000\ndata: one\n\n')
    },
  },
  {
    id: 'SSE-OPEN-07',
    level: 'MUST',
    name: 'a source without events opens the stream and ends it in good order',
    spec: SPECS.processing,
    async run(trial) {
      const { connection, text } = await exchange(trial, [])
      expect(text).toBe(':\n')
      expect(await connection.ended()).toBe('completed')
      expect(await trial.reasons()).toEqual(['completed'])
    },
  },
  {
    id: 'SSE-OPEN-08',
    level: 'MUST',
    name: 'onOpen is called once, with the id and the request of the stream',
    spec: SPECS.processing,
    async run({ connect, recorder }) {
      await connect('/silent', { headers: { 'x-client': 'me' }, lastEventId: '7' })
      await eventually(() => expect(recorder.opens).toHaveLength(1))
      const [open] = recorder.opens
      expect(open?.client).toBe('me')
      expect(open?.info.id).toBe(recorder.streams[0]?.stream.id)
      expect(open?.info.lastEventId).toBe('7')
    },
  },
]
