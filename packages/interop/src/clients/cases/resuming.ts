import { expect, it } from 'vitest'
import { RETRY_MS } from '../../scenarios/scenarios.ts'
import type { Client } from '../client.ts'
import type { UsedServer } from './use-server.ts'

// In UTF-8 two bytes, in latin1 one: clients differ in which of them they send back.
const ID = 'é-1'

// Beyond latin1, which some clients cannot send back.
const WIDE_ID = '日本👋-1'

/** What clients have to get that come back by themselves. */
export function defineReconnectCases(client: Client, used: UsedServer): void {
  const ids = client.headerText === 'utf-8' ? [ID, WIDE_ID] : [ID]
  it.each(ids)('comes back after the reconnection time with the last event ID %s', async (id) => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('resume', { id }))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ type: 'event', data: 'before', id })
    expect(await stream.next()).toEqual({ type: 'lost', isFinal: false })
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ event: 'resumed', data: id })
    stream.close()
    const { atMs: completingAt } = await run.reported('completing')
    const { atMs: resumedAt } = await run.reported('resumed')
    expect(resumedAt - completingAt).toBeGreaterThanOrEqual(RETRY_MS - 1)
    // Later, it would have come back without being told.
    expect(resumedAt - completingAt).toBeLessThan(client.reconnectsAfterMs ?? 3_000)
  })
}

/** What clients have to get whose users resume a stream. */
export function defineResumeCases(client: Client, used: UsedServer): void {
  it.each([
    [ID, ID],
    [WIDE_ID, client.headerText === 'utf-8' ? WIDE_ID : utf8AsLatin1(WIDE_ID)],
  ])('resumes after the event %s that its user names', async (id, lastEventId) => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('resume', { id }), { lastEventId })
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ event: 'resumed', data: id })
    stream.close()
    expect(await run.reported('ended')).toMatchObject({ reason: 'client-disconnect' })
  })
}

/** Text that becomes UTF-8 where every character is sent as one byte. */
function utf8AsLatin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
