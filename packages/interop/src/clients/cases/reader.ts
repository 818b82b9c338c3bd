import { expect, it } from 'vitest'
import { GONE } from '../../adapters/app.ts'
import type { Happening } from '../agent/happening.ts'
import type { Client } from '../client.ts'
import type { UsedServer } from './use-server.ts'

/** What clients have to make of servers that do not want them, whose users read one response at a time. */
export function defineReaderCases(client: Client, used: UsedServer): void {
  it('is told by a 204 that there is nothing to come back for', async () => {
    const stream = client.open(used.server, GONE)
    expect(await stream.next()).toEqual({ type: 'failed', why: 'status 204' })
    stream.close()
  })

  it('is told by a 503 that there is no room, and gets in when there is', async () => {
    const [first, second, third] = [used.runs.create(), used.runs.create(), used.runs.create()]
    const inside = client.open(used.server, first.path('full'))
    await inside.next(({ type }) => type === 'event')
    const outside = client.open(used.server, second.path('full'))
    expect(await outside.next()).toEqual({ type: 'failed', why: 'status 503' })
    expect(await second.reported('refused')).toMatchObject({ reason: 'server-limit' })
    outside.close()
    inside.close()
    await first.reported('ended')
    const again = client.open(used.server, third.path('full'))
    expect(await again.next()).toEqual({ type: 'open' })
    expect(await again.next()).toMatchObject({ data: 'started' })
    again.close()
    await third.reported('ended')
  })

  it('gets a stream without events when it is asked softly to come back', async () => {
    const [first, second] = [used.runs.create(), used.runs.create()]
    const inside = client.open(used.server, first.path('busy'))
    await inside.next(({ type }) => type === 'event')
    const outside = client.open(used.server, second.path('busy'))
    const ending: Happening = client.reconnects ? { type: 'lost', isFinal: false } : { type: 'end' }
    expect(await outside.next()).toEqual({ type: 'open' })
    expect(await outside.next()).toEqual(ending)
    await second.reported('refused')
    outside.close()
    inside.close()
    await first.reported('ended')
  })
}
