import { expect } from 'vitest'
import { abortBeforeHandler } from '../../faults/abort-before-handler.ts'
import { openHttp2Session } from '../../faults/http2-session.ts'
import { openRawRequest } from '../../faults/raw-connection.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { exchange } from '../exchange.ts'
import { full } from '../full.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

/** A client that is gone is noticed, whenever and however it goes. */
export const DISCONNECT_CASES: readonly ConformanceCase[] = [
  leaveCase(1, 'before the first event', '/silent', ({ text }) => text !== ''),
  leaveCase(2, 'between two events', '/patient', ({ received }) => received.length > 0),
  leaveCase(3, 'while events flow', '/ticks', ({ received }) => received.length > 5),
  leaveCase(4, 'while the source waits for something', '/parked', ({ text }) => text.length > 2),
  leaveCase(5, 'before the source has made anything', '/parked/first', ({ text }) => text !== ''),
  stalledCase(6, 'a source that waits to be asked', '/flood'),
  stalledCase(7, 'a synchronous source', '/flood/sync'),
  stalledCase(8, 'a handler that waits for its send', '/flood/push'),
  {
    id: 'SSE-LEAVE-09',
    level: 'MUST',
    name: 'a client that leaves before the handler has returned is noticed, and its source let go',
    spec: SPECS.abort,
    async run({ connect, stage, recorder, reasons }) {
      const connection = await connect('/of/slow-handler')
      await connection.waitFor(({ text }) => text !== '')
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
      stage.open('handler')
      await eventually(() => expect(recorder.sources.map(({ cleaned }) => cleaned)).toEqual([1]))
    },
  },
  {
    id: 'SSE-LEAVE-10',
    level: 'MUST',
    name: 'a client that leaves after the end changes nothing',
    spec: SPECS.abort,
    async run(trial) {
      const { connection } = await exchange(trial, ['one'])
      await trial.reasons()
      await connection.close()
      expect(await trial.reasons()).toEqual(['completed'])
    },
  },
  {
    id: 'SSE-LEAVE-11',
    level: 'MUST',
    name: 'a request body that was read to its end is no disconnect; leaving after it is one',
    spec: SPECS.abort,
    async run({ connect, reasons, sse }) {
      const connection = await connect('/body', { body: { question: 'x' } })
      await connection.take(1)
      // Time for the request to emit `close`: a client that comes later is served before.
      await (await connect('/identity')).all()
      expect(await reasons()).toEqual(['completed'])
      expect(sse.stats().active).toBe(1)
      await connection.close()
      expect(await reasons(2)).toEqual(['completed', 'client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-12',
    level: 'MUST',
    name: 'a reset connection is noticed',
    spec: SPECS.tearDown,
    requires: ['HTTP/1.1'],
    async run({ url, use, reasons }) {
      const connection = await use(openRawRequest(url, { path: '/patient' }))
      await connection.waitFor((text) => text.includes('data: one'))
      await connection.reset()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-13',
    level: 'SHOULD',
    name: 'a client that closes its side only is taken for gone, as Node does by default',
    spec: SPECS.tearDown,
    requires: ['HTTP/1.1'],
    async run({ url, use, reasons }) {
      const connection = await use(openRawRequest(url, { path: '/patient' }))
      await connection.waitFor((text) => text.includes('data: one'))
      await connection.halfClose()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  },
  goneCase(14, 'GET', undefined),
  goneCase(15, 'POST', { question: 'x' }),
  {
    id: 'SSE-LEAVE-16',
    level: 'MUST',
    name: 'an HTTP/2 stream that is reset ends alone: the others of its session go on',
    spec: SPECS.http2Reset,
    requires: ['HTTP/2'],
    async run({ url, use, stage, reasons }) {
      const session = await use(openHttp2Session(url))
      const first = await session.request({ path: '/patient' })
      const second = await session.request({ path: '/gated' })
      await first.waitFor((text) => text.includes('one'))
      await second.waitFor((text) => text.includes('one'))
      await first.reset()
      expect(await reasons()).toEqual(['client-disconnect'])
      stage.open('second')
      expect(await second.ended()).toBe('ended')
      expect(second.text).toContain('data: two\n\n')
      expect(await reasons(2)).toEqual(['client-disconnect', 'completed'])
    },
  },
  {
    id: 'SSE-LEAVE-17',
    level: 'MUST',
    name: 'all streams of an HTTP/2 session end with it',
    spec: SPECS.http2Reset,
    requires: ['HTTP/2'],
    async run(trial) {
      const session = await openTwoStreams(trial)
      await session.close()
      expect(await trial.reasons(2)).toEqual(['client-disconnect', 'client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-18',
    level: 'MUST',
    name: 'all streams of an HTTP/2 session end with a reset of its connection',
    spec: SPECS.http2Reset,
    requires: ['HTTP/2'],
    async run(trial) {
      const session = await openTwoStreams(trial)
      await session.reset()
      expect(await trial.reasons(2)).toEqual(['client-disconnect', 'client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-19',
    level: 'MUST',
    name: 'a source that throws because its signal aborted is no error',
    spec: SPECS.abort,
    async run({ connect, reasons }) {
      const connection = await connect('/throw/on-abort')
      await connection.take(1)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  },
  {
    id: 'SSE-LEAVE-20',
    level: 'MUST',
    name: 'a source that throws while it cleans up is no error either',
    spec: SPECS.unhandled,
    async run({ connect, stage, reasons }) {
      const connection = await connect('/throw/cleanup')
      await connection.take(1)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
      stage.open('end')
    },
  },
]

type Condition = Parameters<Awaited<ReturnType<Trial['connect']>>['waitFor']>[0]

function leaveCase(
  number: number,
  when: string,
  path: string,
  condition: Condition,
): ConformanceCase {
  return {
    id: caseId('LEAVE', number),
    level: 'MUST',
    name: `a client that leaves ${when} is noticed`,
    spec: SPECS.abort,
    async run({ connect, reasons }) {
      const connection = await connect(path)
      await connection.waitFor(condition)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  }
}

function stalledCase(number: number, what: string, path: string): ConformanceCase {
  return {
    id: caseId('LEAVE', number),
    level: 'MUST',
    name: `a client that leaves while it is full is noticed: ${what}`,
    spec: SPECS.backPressure,
    async run(trial) {
      const { connect, recorder, reasons } = trial
      const connection = await connect(path, { readAheadBytes: 0 })
      await full(trial)
      await connection.close()
      expect(await reasons()).toEqual(['client-disconnect'])
      await eventually(() => expect(recorder.sources[0]?.cleaned).toBe(1))
    },
  }
}

function goneCase(number: number, method: string, body: unknown): ConformanceCase {
  return {
    id: caseId('LEAVE', number),
    level: 'MUST',
    name: `a ${method} whose client left before the handler ran leaves no trace`,
    spec: SPECS.abort,
    requires: ['HTTP/1.1'],
    setup: { options: { limit: { maxConnections: 5 } } },
    async run(trial) {
      const path = body === undefined ? '/silent' : '/body'
      for (let turn = 0; turn < 5; turn += 1) await abortBeforeHandler(trial.url, { path, body })
      await eventually(() => expect(trial.sse.stats().active).toBe(0))
      expect((await exchange(trial, ['one'])).data).toEqual(['one'])
      // What a body parser has to say about a request that was cut.
      trial.takeFrameworkErrors()
    },
  }
}

async function openTwoStreams({ url, use }: Trial) {
  const session = await use(openHttp2Session(url))
  const streams = [
    await session.request({ path: '/patient' }),
    await session.request({ path: '/silent' }),
  ]
  await Promise.all(streams.map((stream) => stream.waitFor((text) => text !== '')))
  return session
}
