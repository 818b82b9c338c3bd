import type { EventInput } from '@sse/core'
import { expect } from 'vitest'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { SPECS } from '../specs.ts'

const MASKED = '{"error":"Internal server error"}'

/** Errors are the server's business. */
export const ERROR_CASES: readonly ConformanceCase[] = [
  beforeHeadCase(1, 'a handler throws', '/throw/sync'),
  beforeHeadCase(2, 'a handler rejects', '/throw/async'),
  beforeHeadCase(3, 'a source throws before its first event', '/throw/first'),
  beforeHeadCase(4, 'what respond() was given throws', '/respond/throw'),
  afterHeadCase(5, 'a source throws after an event', '/throw/later', ['one']),
  afterHeadCase(6, 'a source throws after the head and before any event', '/throw/silent', []),
  afterHeadCase(7, 'a handler throws after it has sent an event', '/throw/push', ['one']),
  afterHeadCase(8, 'a ReadableStream fails', '/throw/stream', ['one']),
  formatCase(
    9,
    'the client gets the event that formatError makes',
    (error) => ({ event: 'failed', data: { message: (error as Error).message } }),
    [['failed', '{"message":"SECRET of the source"}']],
  ),
  formatCase(10, 'the client gets nothing if formatError makes nothing', () => undefined, []),
  formatCase(
    11,
    'the client gets a masked event if formatError throws, and both errors are reported',
    () => {
      throw new Error('SECRET of formatError')
    },
    [['error', MASKED]],
    ['SECRET of the source', 'SECRET of formatError'],
  ),
  {
    id: 'SSE-ERROR-12',
    level: 'MUST',
    name: 'what is thrown need not be an error',
    spec: SPECS.unhandled,
    async run({ connect, stage, takeErrors, reasons }) {
      for (const [index, thrown] of [undefined, null, 'text', 0].entries()) {
        stage.error = thrown
        const events = await (await connect('/throw/later')).all()
        expect(events.map(({ data }) => data)).toEqual(['one', MASKED])
        await reasons(index + 1)
        expect(takeErrors()).toEqual([thrown])
      }
    },
  },
  {
    id: 'SSE-ERROR-13',
    level: 'MUST',
    name: 'an onError that throws harms nothing, and what it throws is printed',
    spec: SPECS.unhandled,
    setup: {
      options: {
        onError: () => {
          throw new Error('onError fails')
        },
      },
    },
    async run({ connect, takeErrors, takeLogs, reasons }) {
      const events = await (await connect('/throw/later')).all()
      expect(events.map(({ data }) => data)).toEqual(['one', MASKED])
      expect(await reasons()).toEqual(['source-error'])
      expect(takeErrors()).toHaveLength(1)
      expect(takeLogs()).toMatchObject([{ message: 'onError fails' }])
    },
  },
  {
    id: 'SSE-ERROR-14',
    level: 'MUST',
    name: 'a key that cannot be read is an error for the framework, and takes no slot',
    spec: SPECS.serverErrors,
    setup: {
      options: {
        limit: {
          maxConnectionsPerKey: 1,
          key: () => {
            throw new Error('SECRET of the key')
          },
        },
      },
    },
    async run({ connect, sse, takeFrameworkErrors }) {
      expect((await connect('/events')).response.status).toBe(418)
      expect(takeFrameworkErrors()).toMatchObject([{ message: 'SECRET of the key' }])
      expect(sse.stats()).toMatchObject({ active: 0, opened: 0 })
    },
  },
]

function beforeHeadCase(number: number, when: string, path: string): ConformanceCase {
  return {
    id: caseId('ERROR', number),
    level: 'MUST',
    name: `when ${when}, the framework's error handler answers`,
    spec: SPECS.serverErrors,
    async run({ connect, stage, reasons, takeFrameworkErrors }) {
      const { response } = await connect(path, { headers: { 'x-allowed': 'yes' } })
      expect(response.status).toBe(418)
      expect(await response.json()).toEqual({ teapot: 'SECRET of the source' })
      expect(response.headers.get('content-type') ?? '').not.toContain('event-stream')
      expect(takeFrameworkErrors()).toEqual([stage.error])
      expect(await reasons()).toEqual(['source-error'])
    },
  }
}

function afterHeadCase(
  number: number,
  when: string,
  path: string,
  before: readonly string[],
): ConformanceCase {
  return {
    id: caseId('ERROR', number),
    level: 'MUST',
    name: `when ${when}, the client gets a masked error event, and onError the error`,
    spec: SPECS.errorText,
    async run({ connect, stage, reasons, recorder, takeErrors }) {
      const connection = await connect(path, { headers: { 'x-client': 'me' } })
      await connection.waitFor(({ received }) => received.length >= before.length)
      stage.open('throw')
      const events = await connection.all()
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ...before.map((data) => ['message', data]),
        ['error', MASKED],
      ])
      expect(connection.text).not.toContain('SECRET')
      expect(await connection.ended()).toBe('completed')
      expect(await reasons()).toEqual(['source-error'])
      expect(recorder.errors.map(({ client }) => client)).toEqual(['me'])
      expect(takeErrors()).toEqual([stage.error])
    },
  }
}

function formatCase(
  number: number,
  name: string,
  formatError: (error: unknown) => EventInput | undefined,
  expected: readonly (readonly string[])[],
  reported: readonly string[] = ['SECRET of the source'],
): ConformanceCase {
  return {
    id: caseId('ERROR', number),
    level: 'MUST',
    name,
    spec: SPECS.errorText,
    setup: { options: { formatError } },
    async run({ connect, reasons, takeErrors }) {
      const connection = await connect('/throw/later')
      const events = await connection.all()
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ['message', 'one'],
        ...expected,
      ])
      expect(await reasons()).toEqual(['source-error'])
      expect(takeErrors().map((error) => (error as Error).message)).toEqual(reported)
    },
  }
}
