import { frozenReader, serve } from '@sse/testing'
import { describe, expect, it } from 'vitest'
import { createCoreNodeApp } from '../adapters/core-node.ts'
import { createRuns } from '../runs.ts'
import { serveLargeSource } from './large-source.ts'
import { findNginx } from './nginx.ts'
import { open } from './open.ts'
import type { ProxyProgram } from './proxy.ts'

// The buffers of two sockets, and what the proxy holds itself; of 256 MiB.
const MOST_BYTES = 64 * 1_048_576

// Found with requireTool().
const nginx = findNginx()

describe.skipIf(nginx === undefined)('nginx', { timeout: 30_000 }, () => {
  const runs = createRuns()
  const { listener } = createCoreNodeApp(runs.watcherOf)
  const start: ProxyProgram['start'] = (...args) => (nginx as ProxyProgram).start(...args)

  it.each([
    ['plain.conf', '1.0'],
    ['streaming.conf', '1.1'],
  ])('with %s asks the server with HTTP/%s', async (file, httpVersion) => {
    await using server = await serve(listener)
    await using proxy = await start(file, server.url)
    const run = runs.create()
    await using connection = await open(proxy, run.path('endless'))
    expect(connection.response.status).toBe(200)
    expect(await run.reported('asked')).toMatchObject({ httpVersion })
  })

  it('cuts a stream that is silent for proxy_read_timeout, and none with heartbeats', async () => {
    await using server = await serve(listener)
    await using proxy = await start('streaming.conf', server.url, (config) => {
      return config.replace('proxy_read_timeout 60s', 'proxy_read_timeout 1s')
    })
    const [silent, beating] = [runs.create(), runs.create()]
    await using kept = await open(proxy, beating.path('silence'))
    await kept.nextEvent()
    await using lost = await open(proxy, silent.path('endless'))
    expect(await lost.ended()).toBe('cut')
    expect(await silent.reported('ended')).toMatchObject({ reason: 'client-disconnect' })
    beating.release()
    expect((await kept.nextEvent()).data).toBe('after')
  })

  it('does not take more from the server than a client that never reads can have', async () => {
    await using source = await serveLargeSource()
    await using proxy = await start('plain.conf', source.url)
    await using reader = await frozenReader(proxy.url)
    const { reason, pulledBytes } = await source.ended()
    expect(reason).toBe('send-timeout')
    expect(reader.bytesRead).toBe(0)
    expect(pulledBytes).toBeLessThan(MOST_BYTES)
  })
})
