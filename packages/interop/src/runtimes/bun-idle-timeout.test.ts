import { connect } from '@sse/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RuntimeServer } from './process.ts'
import { findBun } from './runtimes.ts'

// Found with requireTool().
const bun = findBun()

// The shortest that Bun can tell from less: it looks at its connections every 4 s.
const IDLE_TIMEOUT_SECONDS = 5

describe.skipIf(bun === undefined)('the idle timeout of Bun', () => {
  let server: RuntimeServer
  beforeAll(async () => {
    server = (await bun?.start({ IDLE_TIMEOUT: `${IDLE_TIMEOUT_SECONDS}` })) as RuntimeServer
  })
  afterAll(() => server.close())

  it('cuts a stream that is silent for longer, but none with heartbeats in time or without the timeout', {
    timeout: 30_000,
  }, async () => {
    const open = (path: string) => connect(`${server.url}/core/${path}`, { timeoutMs: 20_000 })
    await using mute = await open('mute?run=mute')
    await using silent = await open('silent')
    await using untimed = await open('mute?untimed')
    expect(await mute.ended()).toBe('cut')
    expect(await server.reported('mute', 'ended')).toMatchObject({ value: 'client-disconnect' })
    const heard = silent.comments.length
    await silent.waitFor(({ comments }) => comments.length > heard + 2)
    const verdict = await Promise.race([
      untimed.ended(),
      silent.waitFor(({ comments }) => comments.length > heard + 10),
    ])
    expect(verdict).toBeUndefined()
  })
})
