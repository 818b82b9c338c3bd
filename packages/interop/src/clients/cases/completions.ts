import { expect, it } from 'vitest'
import { SECRET } from '../../scenarios/ends.ts'
import type { Happening } from '../agent/happening.ts'
import type { Client } from '../client.ts'
import { heartbeatsFrom } from './heartbeats.ts'
import type { UsedServer } from './use-server.ts'

const PATH = 'v1/chat/completions'

/** What a client of chat completions has to get, which takes every event for one chunk of JSON. */
export function defineCompletionCases(client: Client, used: UsedServer): void {
  it('gets every chunk as soon as it is sent, and nothing of what lies in between', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path(PATH, { prompt: 'one two' }))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toEqual(content(''))
    await heartbeatsFrom(used.server)
    run.release()
    for (const word of ['one ', 'two ', '']) expect(await stream.next()).toEqual(content(word))
    expect(await stream.next()).toEqual({ type: 'end' })
    expect(await run.reported('ended')).toMatchObject({ reason: 'completed' })
    stream.close()
  })

  it('fails when the source throws, and learns no more than that', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path(PATH, { prompt: 'fail' }))
    expect(await stream.next()).toEqual({ type: 'open' })
    expect(await stream.next()).toEqual(content(''))
    run.release()
    const failure = await stream.next()
    expect(failure).toMatchObject({ type: 'failed' })
    expect(JSON.stringify(failure)).not.toContain(SECRET)
    expect(await run.reported('ended')).toMatchObject({ reason: 'source-error' })
  })

  it('is noticed by the source when it leaves', async () => {
    const run = used.runs.create()
    const stream = client.open(used.server, run.path(PATH, { prompt: 'endless' }))
    run.release()
    await stream.next((happening) => happening.type === 'event' && happening.data === 'endless ')
    stream.close()
    expect(await run.reported('aborted')).toMatchObject({ reason: 'client-disconnect' })
    expect(await run.reported('ended')).toMatchObject({ reason: 'client-disconnect' })
  })

  it('comes back by itself after a refusal', async () => {
    const [first, second] = [used.runs.create(), used.runs.create()]
    const path = 'full/chat/completions'
    const inside = client.open(used.server, first.path(path, { prompt: 'endless' }))
    await inside.next(({ type }) => type === 'event')
    const outside = client.open(used.server, second.path(path, { prompt: 'hello' }))
    expect(await second.reported('refused')).toMatchObject({ reason: 'server-limit' })
    inside.close()
    await first.reported('ended')
    second.release()
    for (const happening of [{ type: 'open' }, content(''), content('hello ')]) {
      expect(await outside.next()).toEqual(happening)
    }
    outside.close()
    await second.reported('ended')
  })
}

function content(data: string): Happening {
  return { type: 'event', event: 'message', data, id: '' }
}
