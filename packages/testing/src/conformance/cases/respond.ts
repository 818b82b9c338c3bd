import { expect } from 'vitest'
import type { ConnectOptions } from '../../client/connect.ts'
import { codeOf } from '../aftermath.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

const allowed: ConnectOptions = { headers: { 'x-allowed': 'yes' } }

/** `sse.respond()` inside an ordinary handler. */
export const RESPOND_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-RESPOND-01',
    level: 'MUST',
    name: 'an ordinary handler may answer otherwise before, and nothing is opened',
    spec: SPECS.methods,
    async run({ connect, sse }) {
      const { response } = await connect('/respond')
      expect(response.status).toBe(403)
      expect(response.headers.get('content-type') ?? '').not.toContain('event-stream')
      expect(sse.stats().opened).toBe(0)
    },
  },
  {
    id: 'SSE-RESPOND-02',
    level: 'MUST',
    name: 'a source is streamed',
    spec: SPECS.processing,
    async run(trial) {
      const { data, connection } = await exchange(trial, ['one', 'two'], '/respond', allowed)
      expect(data).toEqual(['one', 'two'])
      expect(connection.text).toBe(':\ndata: one\n\ndata: two\n\n')
      expect(await trial.reasons()).toEqual(['completed'])
    },
  },
  {
    id: 'SSE-RESPOND-03',
    level: 'MUST',
    name: 'a function is called with the stream',
    spec: SPECS.processing,
    async run(trial) {
      const { events } = await exchange(trial, ['one'], '/respond/handler', allowed)
      expect(events[0]?.json()).toEqual({ id: expect.any(String) })
      expect(events[1]?.data).toBe('one')
    },
  },
  {
    id: 'SSE-RESPOND-04',
    level: 'MUST',
    name: 'events come while the source makes them',
    spec: SPECS.processing,
    async run({ connect, stage }) {
      stage.events = ['one']
      stage.isHeld = true
      const connection = await connect('/respond', allowed)
      expect((await connection.nextEvent()).data).toBe('one')
      stage.open('end')
      expect(await connection.all()).toEqual([])
    },
  },
  {
    id: 'SSE-RESPOND-05',
    level: 'MUST',
    name: 'a second respond() rejects with ERR_SSE_RESPONSE_SENT, and the first stream goes on',
    spec: SPECS.methods,
    async run({ connect, recorder, reasons, sse }) {
      const connection = await connect('/respond/twice', allowed)
      expect((await connection.all()).map(({ data }) => data)).toEqual(['one'])
      expect(await reasons()).toEqual(['completed'])
      expect(recorder.order).toContain('ERR_SSE_RESPONSE_SENT')
      expect(sse.stats().opened).toBe(1)
    },
  },
  {
    id: 'SSE-RESPOND-06',
    level: 'MUST',
    name: 'what cannot be streamed is an error for the framework',
    spec: SPECS.serverErrors,
    async run({ connect, reasons, takeFrameworkErrors }) {
      expect((await connect('/respond/garbage', allowed)).response.status).toBe(418)
      expect(takeFrameworkErrors().map(codeOf)).toEqual(['ERR_SSE_INVALID_SOURCE'])
      expect(await reasons()).toEqual(['source-error'])
    },
  },
  {
    id: 'SSE-RESPOND-07',
    level: 'MUST',
    name: 'a stream that is refused lets go of the source that was made for it',
    spec: SPECS.streamCancel,
    setup: { options: { limit: { maxConnections: 1 } } },
    async run({ connect, recorder }) {
      await connect('/limited')
      const { response } = await connect('/respond/stream', allowed)
      expect(response.status).toBe(503)
      expect(recorder.sources.map(({ cleaned }) => cleaned)).toEqual([0, 1])
    },
  },
  {
    id: 'SSE-RESPOND-08',
    level: 'MUST',
    name: 'HEAD lets go of the source that was made for it',
    spec: SPECS.methods,
    async run({ connect, recorder, sse }) {
      const connection = await connect('/respond/stream', { ...allowed, method: 'HEAD' })
      expect(connection.response.headers.get('content-type')).toMatch(/^text\/event-stream/)
      expect(await connection.response.text()).toBe('')
      expect(recorder.sources.map(({ cleaned }) => cleaned)).toEqual([1])
      expect(sse.stats().opened).toBe(0)
    },
  },
  {
    id: 'SSE-RESPOND-09',
    level: 'MUST',
    name: 'a client that left before respond() opens nothing, and its source is let go',
    spec: SPECS.abort,
    async run(trial) {
      const { connect, stage, recorder, sse } = trial
      const departure = new AbortController()
      const connection = connect('/respond/late', { ...allowed, signal: departure.signal })
      connection.catch(() => {})
      // The server has it by the time it serves another one.
      while (recorder.sources.length === 0) await (await connect('/identity')).all()
      departure.abort(new Error('gone'))
      await expect(connection).rejects.toThrow('gone')
      await exchange(trial, ['one'])
      const { opened } = sse.stats()
      stage.open('late')
      while (!recorder.order.includes('responded')) await exchange(trial, ['one'])
      expect(recorder.sources[0]?.cleaned).toBe(1)
      expect(recorder.streams.every(({ path }) => !path.startsWith('/respond'))).toBe(true)
      expect(opened).toBeLessThan(sse.stats().opened)
    },
  },
  {
    id: 'SSE-RESPOND-10',
    level: 'MUST',
    name: 'respond() after another answer rejects with ERR_SSE_RESPONSE_SENT, which stays as it is',
    spec: SPECS.methods,
    requires: ['answers that are sent first'],
    async run({ connect, recorder, sse }) {
      const { response } = await connect('/respond/answered', allowed)
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('answered')
      expect(recorder.order).toContain('ERR_SSE_RESPONSE_SENT')
      expect(recorder.sources.map(({ cleaned }) => cleaned)).toEqual([1])
      expect(sse.stats().opened).toBe(0)
    },
  },
]
