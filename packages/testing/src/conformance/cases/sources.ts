import { expect } from 'vitest'
import { codeOf } from '../aftermath.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

/** Everything that a handler may return, and what it may not. */
export const SOURCE_CASES: readonly ConformanceCase[] = [
  sourceCase(1, 'a handler that is an async generator', '/of/generator-function'),
  sourceCase(2, 'an async generator', '/of/async-generator'),
  sourceCase(3, 'an async iterator that is no generator', '/of/async-iterator'),
  sourceCase(4, 'a generator', '/of/sync-generator'),
  sourceCase(5, 'an array', '/of/array'),
  sourceCase(6, 'a ReadableStream', '/of/readable-stream'),
  sourceCase(7, 'a Node Readable', '/of/readable'),
  sourceCase(8, 'a promise of an async generator', '/promise-of/async-generator'),
  sourceCase(9, 'a promise of an async iterator', '/promise-of/async-iterator'),
  sourceCase(10, 'a promise of a generator', '/promise-of/sync-generator'),
  sourceCase(11, 'a promise of an array', '/promise-of/array'),
  sourceCase(12, 'a promise of a ReadableStream', '/promise-of/readable-stream'),
  sourceCase(13, 'a promise of a Node Readable', '/promise-of/readable'),
  sourceCase(14, 'an iterable of promises', '/of/promises'),
  sourceCase(15, 'a handler that sends, and waits for each event', '/push'),
  sourceCase(16, 'a handler that sends, and waits for none', '/push/unawaited'),
  {
    id: 'SSE-SOURCE-17',
    level: 'MUST',
    name: 'a handler that sends nothing and returns nothing ends the stream',
    spec: SPECS.processing,
    async run(trial) {
      expect((await exchange(trial, ['unsent'], '/nothing')).text).toBe(':\n')
      expect(await trial.reasons()).toEqual(['completed'])
    },
  },
  leaveCase(18, 'an async iterator is asked to return', '/of/async-iterator', SPECS.iteratorClose),
  leaveCase(19, 'a ReadableStream is cancelled', '/of/readable-stream', SPECS.streamCancel),
  leaveCase(20, 'a Node Readable is destroyed', '/of/readable', SPECS.nodeReadable),
  unusableCase(21, 'a handler that returns nothing usable', '/garbage'),
  unusableCase(22, 'a handler that returns a promise of nothing usable', '/garbage/promise'),
  {
    id: 'SSE-SOURCE-23',
    level: 'MUST',
    name: 'the completion event is sent after the source has ended',
    spec: SPECS.processing,
    setup: { options: { completion: { event: 'done', data: { ok: true } } } },
    async run(trial) {
      const { events } = await exchange(trial, ['one'])
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ['message', 'one'],
        ['done', '{"ok":true}'],
      ])
    },
  },
  {
    id: 'SSE-SOURCE-24',
    level: 'MUST',
    name: 'the completion event is not sent after an error, nor after stream.close()',
    spec: SPECS.processing,
    setup: { options: { completion: { event: 'done' } } },
    async run({ connect, takeErrors }) {
      const failed = await (await connect('/throw/later')).all()
      const closed = await (await connect('/close')).all()
      expect(failed.map(({ event }) => event)).toEqual(['message', 'error'])
      expect(closed.map(({ event }) => event)).toEqual(['message', 'bye'])
      expect(takeErrors()).toHaveLength(1)
    },
  },
  {
    id: 'SSE-SOURCE-25',
    level: 'MUST',
    name: 'data is serialised as the option says',
    spec: SPECS.processing,
    setup: { options: { serialize: (data) => `<${String(data)}>\n` } },
    async run(trial) {
      expect((await exchange(trial, [{ data: 1 }, { data: 'text' }])).data).toEqual([
        '<1>\n',
        'text',
      ])
    },
  },
]

function sourceCase(number: number, what: string, path: string): ConformanceCase {
  return {
    id: caseId('SOURCE', number),
    level: 'MUST',
    name: `${what} is streamed, in order and to its end`,
    spec: SPECS.processing,
    async run(trial) {
      const sent = [{ event: 'a', data: { n: 1 }, id: '1' }, 'text', { data: '' }]
      const { events, connection } = await exchange(trial, sent, path)
      expect(events.map(({ event, data, id }) => [event, data, id])).toEqual([
        ['a', '{"n":1}', '1'],
        ['message', 'text', undefined],
        ['message', '', undefined],
      ])
      expect(await connection.ended()).toBe('completed')
      expect(await trial.reasons()).toEqual(['completed'])
    },
  }
}

function leaveCase(number: number, name: string, path: string, spec: string): ConformanceCase {
  return {
    id: caseId('SOURCE', number),
    level: 'MUST',
    name: `${name} once, at once, when the client leaves`,
    spec,
    async run({ connect, stage, recorder, reasons }) {
      stage.events = ['one']
      stage.isHeld = true
      const connection = await connect(path)
      await connection.take(1)
      await connection.close()
      await eventually(() => expect(recorder.sources.map(({ cleaned }) => cleaned)).toEqual([1]))
      expect(await reasons()).toEqual(['client-disconnect'])
    },
  }
}

function unusableCase(number: number, name: string, path: string): ConformanceCase {
  return {
    id: caseId('SOURCE', number),
    level: 'MUST',
    name: `${name} is an error for the framework's handler`,
    spec: SPECS.serverErrors,
    async run({ connect, takeFrameworkErrors }) {
      const { response } = await connect(path)
      expect(response.status).toBe(418)
      expect(response.headers.get('content-type') ?? '').not.toContain('event-stream')
      expect(takeFrameworkErrors().map(codeOf)).toEqual(['ERR_SSE_INVALID_SOURCE'])
    },
  }
}
