import { createChannel, type Gap } from '@sse/core'
import { expect } from 'vitest'
import { openRawRequest } from '../../faults/raw-connection.ts'
import { caseId } from '../case-id.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { eventually } from '../eventually.ts'
import { gapOf, numberOf, publishNumbers, range } from '../publishing.ts'
import { SPECS } from '../specs.ts'
import type { Trial } from '../trial.ts'

// Unlike any id of a channel, in every way in which an id can be.
const JUNK = ['seven', 'é世界😀', 'ÿÿ', '%00%0a', ', ,,', '"><script>', '0'.repeat(1_024)]

/** Where a client cannot continue it is told so: nothing is lost in silence. */
export const RESUME_GAP_CASES: readonly ConformanceCase[] = [
  {
    id: 'SSE-RESUME-12',
    level: 'MUST',
    name: 'an id that the history has left behind gives a gap event first, which says how many are lost',
    spec: SPECS.lastEventId,
    async run({ connect, stage, recorder }) {
      const gaps: { readonly gap: Gap; readonly id: string }[] = []
      const onGap = (gap: Gap, { id }: { readonly id: string }) => void gaps.push({ gap, id })
      stage.channel = createChannel({ history: { maxEvents: 10 }, onGap })
      const ids = publishNumbers(stage.channel, 1, 30)
      const connection = await connect('/channel', { lastEventId: ids[4] })
      publishNumbers(stage.channel, 31, 32)
      const [first, ...others] = await connection.take(13)
      const gap = { reason: 'expired', lost: 15, continuesAfter: ids[19] }
      expect(first && gapOf(first)).toEqual(gap)
      expect(others.map(numberOf)).toEqual(range(21, 32))
      expect(gaps).toEqual([{ gap, id: recorder.streams[0]?.stream.id }])
    },
  },
  {
    id: 'SSE-RESUME-13',
    level: 'MUST',
    name: 'a client is told once: after the id of the gap it continues without another',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      stage.channel = createChannel({ history: { maxEvents: 10 } })
      const ids = publishNumbers(stage.channel, 1, 30)
      const connection = await connect('/channel', { lastEventId: ids[4] })
      const gap = await connection.nextEvent()
      expect(gap.lastEventId).toBe(ids[19])
      await connection.close()
      const again = await connect('/channel', { lastEventId: gap.lastEventId })
      expect((await again.take(10)).map(numberOf)).toEqual(range(21, 30))
      expect(stage.channel.stats().lapped).toBe(1)
    },
  },
  gapCase(14, 'another channel, or this one before a restart,', () => {
    return createChannel({ history: {} }).publish('1').id
  }),
  gapCase(15, 'the channel that it has not given yet', ([id]) => id?.replace(/-.*/, '-zzz')),
  {
    id: 'SSE-RESUME-16',
    level: 'MUST',
    name: 'an id that is none of any channel gives a gap event first, and is not sent back',
    spec: SPECS.lastEventId,
    async run(trial) {
      for (const id of JUNK) {
        const text = await assertGap(trial, () => id, 'malformed')
        expect(text).not.toContain(id)
      }
    },
  },
  {
    id: 'SSE-RESUME-17',
    level: 'MUST',
    name: 'an overlong id is none',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      publishNumbers(stage.channel, 1, 3)
      const connection = await connect('/channel', { lastEventId: '0'.repeat(1_025) })
      publishNumbers(stage.channel, 4, 4)
      expect(numberOf(await connection.nextEvent())).toBe(4)
      expect(stage.channel.stats().lapped).toBe(0)
    },
  },
  {
    id: 'SSE-RESUME-18',
    level: 'MUST',
    name: 'header bytes that are no UTF-8 are harmless, and a header that came twice still counts',
    spec: SPECS.lastEventId,
    requires: ['HTTP/1.1'],
    async run({ url, use, stage }) {
      const [first = ''] = publishNumbers(stage.channel, 1, 3)
      const connection = await use(openRawRequest(url, { path: '/two-events' }))
      await connection.waitFor((text) => text.includes('data: two'))
      // `\xe9` alone is latin1, and the beginning of more in UTF-8.
      const request = 'GET /channel HTTP/1.1\r\nhost: localhost\r\nlast-event-id: \xe9\xff\r\n\r\n'
      await connection.write(Buffer.from(request, 'latin1'))
      const text = await connection.waitFor((all) => all.includes('data: 3\n'))
      expect(text).toMatch(/event: gap\ndata: {"reason":"malformed","lost":null,/)
      const headers: [string, string][] = [
        ['Last-Event-ID', first],
        ['Last-Event-ID', first],
      ]
      const twice = await use(openRawRequest(url, { path: '/channel', headers }))
      const replayed = await twice.waitFor((all) => all.includes('data: 3\n'))
      expect(replayed).toMatch(/^data: 2\n/m)
      expect(replayed).not.toMatch(/gap|data: 1/)
    },
  },
  {
    id: 'SSE-RESUME-19',
    level: 'MUST',
    name: 'a stream of two channels is told of a gap in the one that has it, and continues in the other',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      stage.other = createChannel({ history: { maxEvents: 2 }, gapEvent: 'other-gap' })
      const first = await connect('/channels')
      publishNumbers(stage.channel, 1, 1)
      publishNumbers(stage.other, 101, 101)
      const { lastEventId } = (await first.take(2))[1] ?? {}
      await first.close()
      publishNumbers(stage.channel, 2, 5)
      publishNumbers(stage.other, 102, 105)
      const again = await connect('/channels', { lastEventId })
      const events = await again.take(7)
      const numbers = events.filter(({ event }) => event === 'message').map(numberOf)
      expect(numbers.sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 104, 105])
      const gaps = events.filter(({ event }) => event !== 'message')
      expect(gaps.map(({ event, data }) => [event, JSON.parse(data).lost])).toEqual([
        ['other-gap', 2],
      ])
    },
  },
  {
    id: 'SSE-RESUME-20',
    level: 'MUST',
    name: 'a stream of two channels goes on when one of them is closed, without 204 and without doubles',
    spec: SPECS.introduction,
    async run({ connect, stage, sse }) {
      const first = await connect('/channels')
      publishNumbers(stage.channel, 1, 2)
      publishNumbers(stage.other, 101, 101)
      stage.channel.close()
      await first.take(3)
      publishNumbers(stage.other, 102, 102)
      const { lastEventId } = await first.nextEvent()
      await first.close()
      publishNumbers(stage.other, 103, 103)
      const again = await connect('/channels', { lastEventId })
      publishNumbers(stage.other, 104, 104)
      expect((await again.take(2)).map(numberOf)).toEqual([103, 104])
      stage.other.close()
      expect(await again.all()).toEqual([])
      const last = await connect('/channels', { lastEventId: again.lastEventId })
      expect(last.response.status).toBe(204)
      await eventually(() => expect(sse.stats().active).toBe(0))
    },
  },
  {
    id: 'SSE-RESUME-21',
    level: 'MUST',
    name: 'a channel without history promises nothing: no ids, and no gap for any id',
    spec: SPECS.lastEventId,
    async run({ connect, stage }) {
      stage.channel = createChannel()
      publishNumbers(stage.channel, 1, 3)
      const connection = await connect('/channel', { lastEventId: 'x' })
      publishNumbers(stage.channel, 4, 4)
      await connection.nextEvent()
      expect(connection.text).toBe(':\ndata: 4\n\n')
    },
  },
]

function gapCase(
  number: number,
  giver: string,
  idOf: (given: readonly string[]) => string | undefined,
): ConformanceCase {
  return {
    id: caseId('RESUME', number),
    level: 'MUST',
    name: `an id of ${giver} gives a gap event first, and then all that is kept`,
    spec: SPECS.lastEventId,
    run: async (trial) => void (await assertGap(trial, idOf, 'unknown')),
  }
}

/** In a channel of its own. @returns all that the client gets. */
async function assertGap(
  { connect, stage }: Trial,
  idOf: (given: readonly string[]) => string | undefined,
  reason: Gap['reason'],
): Promise<string> {
  stage.channel = createChannel({ history: {} })
  const ids = publishNumbers(stage.channel, 1, 3)
  const connection = await connect('/channel', { lastEventId: idOf(ids) })
  publishNumbers(stage.channel, 4, 5)
  const [gap, ...others] = await connection.take(6)
  expect(gap && gapOf(gap)).toMatchObject({ reason, lost: null })
  expect(others.map(numberOf)).toEqual(range(1, 5))
  expect(others.slice(0, 3).map(({ id }) => id)).toEqual(ids)
  await connection.close()
  return connection.text
}
