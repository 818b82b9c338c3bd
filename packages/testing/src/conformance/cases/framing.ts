import type { EventInput } from '@sse/core'
import { expect } from 'vitest'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

/** What a source sends is what a client gets. */
export const FRAMING_CASES: readonly ConformanceCase[] = [
  dataCase(1, 'LF in data is one line end', ['one\ntwo'], ['one\ntwo']),
  dataCase(2, 'CR in data is one line end', ['one\rtwo'], ['one\ntwo']),
  dataCase(3, 'CRLF in data is one line end', ['one\r\ntwo\r\n\r\nthree'], ['one\ntwo\n\nthree']),
  dataCase(4, 'empty data is an event', ['', { data: '' }], ['', '']),
  dataCase(5, 'line ends at either end of data survive', ['\n\none\n\n'], ['\n\none\n\n']),
  dataCase(6, 'spaces and colons at the start of data survive', [' one', ':two'], [' one', ':two']),
  dataCase(
    7,
    'characters of all planes arrive, and those that are no line ends to the parser',
    ['Grüße, 世界 😀 \u2028\u2029\u0085\u000b\ufeff\0'],
    ['Grüße, 世界 😀 \u2028\u2029\u0085\u000b\ufeff\0'],
  ),
  dataCase(
    8,
    'data that looks like fields stays data',
    ['one\nid: 5\nevent: forged\nretry: 1\n\ndata: forged'],
    ['one\nid: 5\nevent: forged\nretry: 1\n\ndata: forged'],
  ),
  dataCase(
    9,
    'data that is no string goes out as JSON',
    [{ data: { a: [1, null, 'x\ny'] } }, { data: 0 }, { data: false }, { data: null }],
    ['{"a":[1,null,"x\\ny"]}', '0', 'false', 'null'],
  ),
  {
    id: 'SSE-FRAME-10',
    level: 'MUST',
    name: 'an event of 1 MB arrives whole, and the next one after it',
    spec: SPECS.parsing,
    async run(trial) {
      const large = `${'é'.repeat(40)}\n`.repeat(13_000)
      const { data } = await exchange(trial, [large, 'after'])
      expect(data.map((each) => each === large || each)).toEqual([true, 'after'])
    },
  },
  {
    id: 'SSE-FRAME-11',
    level: 'MUST',
    name: 'the id is written after the data, so that a client that commits it early skips nothing',
    spec: SPECS.interpretation,
    async run(trial) {
      const { text } = await exchange(trial, [{ id: '7', event: 'tick', data: 'x' }])
      expect(text.indexOf('id: 7')).toBeGreaterThan(text.indexOf('data: x'))
    },
  },
  {
    id: 'SSE-FRAME-12',
    level: 'MUST',
    name: 'an empty id resets the last event ID',
    spec: SPECS.interpretation,
    async run(trial) {
      const { events } = await exchange(trial, [
        { id: '7', data: 'one' },
        { id: '', data: 'two' },
        { data: 'three' },
      ])
      expect(events.map(({ lastEventId }) => lastEventId)).toEqual(['7', '', ''])
    },
  },
  {
    id: 'SSE-FRAME-13',
    level: 'MUST',
    name: 'a named event without data is dispatched',
    spec: SPECS.interpretation,
    async run(trial) {
      const { events } = await exchange(trial, [{ event: 'ping' }, { event: 'pong', id: '1' }])
      expect(events.map(({ event, data }) => [event, data])).toEqual([
        ['ping', ''],
        ['pong', ''],
      ])
    },
  },
  {
    id: 'SSE-FRAME-14',
    level: 'MUST',
    name: 'retry sets the reconnection time and dispatches nothing',
    spec: SPECS.interpretation,
    async run(trial) {
      const { data, connection } = await exchange(trial, [{ retry: 0 }, { retry: 1_500 }, 'x'])
      expect(connection.retry).toBe(1_500)
      expect(connection.text).toContain('retry: 0\n')
      expect(data).toEqual(['x'])
    },
  },
  {
    id: 'SSE-FRAME-15',
    level: 'MUST',
    name: 'line ends in a comment make several comment lines and dispatch nothing',
    spec: SPECS.parsing,
    async run({ connect }) {
      const connection = await connect('/comments')
      expect((await connection.all()).map(({ data }) => data)).toEqual(['x'])
      expect(connection.comments).toEqual(['', 'one', 'data: two', 'three', '', 'with an event'])
    },
  },
  {
    id: 'SSE-FRAME-16',
    level: 'MUST',
    name: 'events leave in the order in which they were made, each block whole',
    spec: SPECS.parsing,
    async run(trial) {
      const sent = Array.from({ length: 500 }, (_, number) => ({
        event: 'tick',
        data: `${number}\n${'x'.repeat(number)}`,
        id: String(number),
      }))
      const { events } = await exchange(trial, sent)
      expect(events).toEqual(sent.map((event) => ({ ...event, lastEventId: event.id })))
    },
  },
  {
    id: 'SSE-FRAME-17',
    level: 'MUST',
    name: 'nothing lands inside a block: neither a heartbeat nor the event of another producer',
    spec: SPECS.parsing,
    setup: { options: { heartbeatMs: 1 } },
    async run({ stage, connect }) {
      const data = (name: string) => `${name.repeat(200)}\n`.repeat(100)
      stage.events = ['a', 'b', 'c'].map((name) => ({ event: name, data: data(name), id: name }))
      const connection = await connect('/push/producers')
      const events = await connection.all()
      expect(events).toHaveLength(60)
      expect(events.every(({ event, data: got, id }) => got === data(event) && id === event)).toBe(
        true,
      )
      const whole = /^(?:event|id): [abc]$|^data: (?:a{200}|b{200}|c{200}|)$|^:?$/
      expect(connection.text.split('\n').filter((line) => !whole.test(line))).toEqual([])
    },
  },
  {
    id: 'SSE-FRAME-18',
    level: 'MUST',
    name: 'the body is UTF-8 without a byte order mark, with LF as only line end',
    spec: SPECS.parsing,
    async run(trial) {
      const { text } = await exchange(trial, ['one\r\ntwo\rthree'])
      expect(text.charCodeAt(0)).not.toBe(0xfeff)
      expect(text).not.toContain('\r')
      expect(text.endsWith('\n\n')).toBe(true)
    },
  },
]

function dataCase(
  number: number,
  name: string,
  sent: readonly EventInput[],
  received: readonly string[],
): ConformanceCase {
  return {
    id: caseId('FRAME', number),
    level: 'MUST',
    name,
    spec: SPECS.parsing,
    async run(trial) {
      expect((await exchange(trial, sent)).data).toEqual(received)
    },
  }
}
