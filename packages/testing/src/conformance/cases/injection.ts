import type { EventInput } from '@sse/core'
import { expect } from 'vitest'
import { codeOf } from '../aftermath.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { exchange } from '../exchange.ts'
import { SPECS } from '../specs.ts'

const cycle: { self?: unknown } = {}
cycle.self = cycle

/** What would change the meaning of the stream is refused, and nothing of it is written. */
export const INJECTION_CASES: readonly ConformanceCase[] = [
  refusalCase(1, 'LF in an event type is refused', { event: 'a\ndata: forged', data: 'FORGED' }),
  refusalCase(2, 'CR in an event type is refused', { event: 'a\rdata: forged', data: 'FORGED' }),
  refusalCase(3, 'LF in an id is refused', { id: '1\ndata: forged', data: 'FORGED' }),
  refusalCase(4, 'CR in an id is refused', { id: '1\rdata: forged', data: 'FORGED' }),
  refusalCase(5, 'U+0000 in an id is refused', { id: '1\0', data: 'FORGED' }),
  refusalCase(6, 'an id of more than 1 KiB is refused', { id: 'é'.repeat(513), data: 'FORGED' }),
  refusalCase(7, 'a retry that is no integer is refused', { retry: 1.5, data: 'FORGED' }),
  refusalCase(8, 'a retry that no timer can hold is refused', {
    retry: 2_147_483_648,
    data: 'FORGED',
  }),
  refusalCase(9, 'a bigint is refused as data', { data: { FORGED: 1n } }, 'ERR_SSE_INVALID_DATA'),
  refusalCase(10, 'a cycle is refused as data', { data: cycle }, 'ERR_SSE_INVALID_DATA'),
  refusalCase(
    11,
    'binary data is refused',
    { data: new TextEncoder().encode('FORGED') },
    'ERR_SSE_INVALID_DATA',
  ),
  refusalCase(12, 'a value that is no event is refused', 42 as never, 'ERR_SSE_INVALID_EVENT'),
  {
    id: 'SSE-INJECT-13',
    level: 'MUST',
    name: 'a refused send rejects, is reported once each, and the stream goes on without it',
    spec: SPECS.injection,
    async run({ connect, recorder, takeErrors, reasons }) {
      const connection = await connect('/garbage/send')
      expect((await connection.all()).map(({ data }) => data)).toEqual(['one', 'two'])
      expect(connection.text).toBe(':\ndata: one\n\ndata: two\n\n')
      expect(recorder.order).toContain('refused')
      expect(await reasons()).toEqual(['completed'])
      expect(takeErrors().map(codeOf)).toEqual(['ERR_SSE_INVALID_FIELD', 'ERR_SSE_INVALID_FIELD'])
    },
  },
]

function refusalCase(
  number: number,
  name: string,
  event: EventInput,
  code = 'ERR_SSE_INVALID_FIELD',
): ConformanceCase {
  return {
    id: caseId('INJECT', number),
    level: 'MUST',
    name: `${name}, and loses nothing that came before`,
    spec: SPECS.injection,
    async run(trial) {
      const { events, text } = await exchange(trial, [{ id: '1', data: 'before' }, event, 'after'])
      expect(text).not.toMatch(/forged/i)
      expect(events.map((each) => [each.event, each.data])).toEqual([
        ['message', 'before'],
        ['error', '{"error":"Internal server error"}'],
      ])
      expect(await trial.reasons()).toEqual(['source-error'])
      expect(trial.takeErrors().map(codeOf)).toEqual([code])
    },
  }
}
