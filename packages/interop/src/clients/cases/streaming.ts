import { expect, it } from 'vitest'
import type { Protocol } from '../../adapters/adapters.ts'
import { storyEvents } from '../../scenarios/story.ts'
import type { Happening } from '../agent/happening.ts'
import type { Client } from '../client.ts'
import { heartbeatsFrom } from './heartbeats.ts'
import type { UsedServer } from './use-server.ts'

/** What every client of event streams has to get. */
export function defineStreamingCases(client: Client, used: UsedServer): void {
  const ending: Happening = client.reconnects ? { type: 'lost', isFinal: false } : { type: 'end' }

  it('opens before the first event and gets every event as soon as it is sent', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('story'))
    const [first, ...others] = storyEvents
    expect(await stream.next()).toEqual({ type: 'open' })
    run.release()
    expect(await stream.next()).toEqual({ type: 'event', ...first })
    run.release()
    for (const event of others) expect(await stream.next()).toEqual({ type: 'event', ...event })
    expect(await stream.next()).toEqual(ending)
    stream.close()
    const { httpVersion = 'unknown' } = await run.reported('asked')
    const ofClient = client.httpVersion ?? httpVersionOf(used.server.protocol)
    expect([ofClient, 'unknown']).toContain(httpVersion)
  })

  it('makes nothing of heartbeats', async () => {
    const { server, runs } = used
    const run = runs.create()
    const stream = client.open(server, run.path('silence'))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ type: 'event', data: 'before' })
    await heartbeatsFrom(server)
    run.release()
    expect(await stream.next()).toMatchObject({ type: 'event', event: 'done', data: 'after' })
    stream.close()
  })

  it('is noticed by the source when it leaves', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('endless'))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ type: 'event', data: 'started' })
    stream.close()
    expect(await run.reported('aborted')).toMatchObject({ reason: 'client-disconnect' })
    await run.reported('cleaned-up')
    expect(await run.reported('ended')).toMatchObject({ reason: 'client-disconnect' })
  })

  it('gets the completion event last', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('completing'))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ event: 'message', data: 'only' })
    expect(await stream.next()).toMatchObject({ event: 'done', data: '[DONE]' })
    expect(await stream.next()).toEqual(ending)
    stream.close()
    expect(await run.reported('ended')).toMatchObject({ reason: 'completed' })
  })

  it('gets an event that says nothing about what the source threw', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path('failing'))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toMatchObject({ event: 'stage', data: 'started' })
    const data = '{"error":"Internal server error"}'
    expect(await stream.next()).toMatchObject({ type: 'event', event: 'error', data })
    expect(await stream.next()).toEqual(ending)
    stream.close()
    expect(await run.reported('ended')).toMatchObject({ reason: 'source-error' })
  })
}

function httpVersionOf(protocol: Protocol): string {
  return protocol === 'http/1.1' ? '1.1' : '2.0'
}
