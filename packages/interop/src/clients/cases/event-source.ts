import { expect, it } from 'vitest'
import { GONE } from '../../adapters/app.ts'
import type { Client } from '../client.ts'
import type { UsedServer } from './use-server.ts'

/** What every EventSource has to make of servers that do not want it. */
export function defineEventSourceCases(client: Client, used: UsedServer): void {
  it('stays away after a 204', async () => {
    const stream = client.open(used.server, GONE)
    expect(await stream.next()).toEqual({ type: 'lost', isFinal: true })
    stream.close()
  })

  it('stays away after a refusal', async () => {
    const [first, second] = [used.runs.create(), used.runs.create()]
    const inside = client.open(used.server, first.path('full'))
    await inside.next(({ type }) => type === 'event')
    const outside = client.open(used.server, second.path('full'))
    expect(await outside.next()).toEqual({ type: 'lost', isFinal: true })
    expect(await second.reported('refused')).toMatchObject({ reason: 'server-limit' })
    inside.close()
    outside.close()
    await first.reported('ended')
  })

  it('comes back after a soft refusal until there is room', async () => {
    const [first, second] = [used.runs.create(), used.runs.create()]
    const inside = client.open(used.server, first.path('busy'))
    await inside.next(({ type }) => type === 'event')
    const outside = client.open(used.server, second.path('busy'))
    expect(await outside.next()).toEqual({ type: 'open' })
    expect(await outside.next()).toEqual({ type: 'lost', isFinal: false })
    await second.reported('refused')
    inside.close()
    await first.reported('ended')
    const event = await outside.next(({ type }) => type === 'event')
    expect(event).toMatchObject({ data: 'started' })
    outside.close()
    await second.reported('ended')
  })
}
