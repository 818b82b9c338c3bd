import { frozenReader, serve } from '@sse/testing'
import { describe, expect, it } from 'vitest'
import { createCoreNodeApp } from '../adapters/core-node.ts'
import { createRuns } from '../runs.ts'
import { findCaddy } from './caddy.ts'
import { serveLargeSource } from './large-source.ts'
import { open } from './open.ts'
import type { ProxyProgram } from './proxy.ts'

// The buffers of two sockets, and what the proxy holds itself; of 256 MiB.
const MOST_BYTES = 64 * 1_048_576

// Found with requireTool().
const caddy = findCaddy()

describe.skipIf(caddy === undefined)('Caddy', { timeout: 30_000 }, () => {
  const start: ProxyProgram['start'] = (...args) => (caddy as ProxyProgram).start(...args)

  it('does not take more from the server than a client that never reads can have', async () => {
    await using source = await serveLargeSource()
    await using proxy = await start('Caddyfile', source.url)
    await using reader = await frozenReader(proxy.url)
    const { reason, pulledBytes } = await source.ended()
    expect(reason).toBe('send-timeout')
    expect(reader.bytesRead).toBe(0)
    expect(pulledBytes).toBeLessThan(MOST_BYTES)
  })

  it('cuts streams that are open when its grace period is over', async () => {
    const runs = createRuns()
    await using server = await serve(createCoreNodeApp(runs.watcherOf).listener)
    await using proxy = await start('Caddyfile', server.url, (config) => {
      return config.replace('grace_period 10s', 'grace_period 500ms')
    })
    const run = runs.create()
    await using connection = await open(proxy, run.path('endless'))
    await connection.nextEvent()
    await proxy.close()
    expect(await connection.ended()).toBe('cut')
    expect(await run.reported('ended')).toMatchObject({ reason: 'client-disconnect' })
  })
})
