import { connect, type EventStreamConnection } from '@sse/testing'
import { expect, it } from 'vitest'
import { TOKENS } from './channels.ts'
import type { RuntimeServer } from './process.ts'

// Generous: two cores run everything at once.
const WAIT = { timeoutMs: 10_000 }

/**
 * Defines what channels and runs have to do on every runtime, where each client and each publisher is a request of its
 * own.
 */
export function defineChannelTests(
  serverOf: () => RuntimeServer,
  visit: (scenario: string) => { run: string; url: string },
): void {
  const call = async (path: string, run: string): Promise<void> => {
    expect((await fetch(`${serverOf().url}/${path}?run=${run}`)).status).toBe(204)
  }
  const resume = (url: string, lastEventId: string): Promise<EventStreamConnection> =>
    connect(url, { ...WAIT, lastEventId })

  it('delivers what other requests publish, and replays it after an id', async () => {
    const { run, url } = visit('channel')
    await using stays = await connect(url, WAIT)
    const leaves = await connect(url, WAIT)
    await call('publish-channel/3', run)
    expect(dataOf(await leaves.take(3))).toEqual(numbers(1, 3))
    const { lastEventId } = leaves
    await leaves.close()
    // More than a turn gathers before its streams have to take some.
    await call('publish-channel/900', run)
    expect(dataOf(await stays.take(903))).toEqual(numbers(1, 903))

    await using back = await resume(url, lastEventId)
    expect(dataOf(await back.take(900))).toEqual(numbers(4, 903))
    await call('publish-channel/1', run)
    await call('publish-channel/close', run)
    for (const client of [stays, back]) {
      expect(dataOf(await client.all())).toEqual(['904'])
    }
    await using late = await resume(url, back.lastEventId)
    expect(late.response.status).toBe(204)
  })

  it('makes an answer once, also when the client that saw its beginning has left', async () => {
    const { run, url } = visit('answer')
    await call('start/answer', run)
    await call('start/answer', run)
    const leaves = await connect(url, WAIT)
    await using stays = await connect(url, WAIT)
    const seen = dataOf(await leaves.take(20))
    const { lastEventId } = leaves
    await leaves.close()
    await using back = await resume(url, lastEventId)
    seen.push(...dataOf(await back.all()))
    const answer = [...numbers(1, TOKENS), '']
    expect(seen).toEqual(answer)
    expect(dataOf(await stays.all())).toEqual(answer)

    await using again = await resume(url, back.lastEventId)
    expect(again.response.status).toBe(204)
  })

  it('cancels a run when its last viewer has been gone for a while', async () => {
    const { run, url } = visit('abandoned')
    await call('start/abandoned', run)
    const viewer = await connect(url, WAIT)
    await viewer.take(3)
    await viewer.close()
    expect(await serverOf().reported(run, 'run-ended')).toMatchObject({ value: 'cancelled' })
  })
}

function dataOf(events: readonly { data: string }[]): string[] {
  return events.map(({ data }) => data)
}

function numbers(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`)
}
