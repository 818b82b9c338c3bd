import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Adapter, adaptersFor, type Server } from '../adapters/adapters.ts'
import { canCertify } from '../adapters/certificate.ts'
import { createRuns } from '../runs.ts'
import { storyEvents } from '../scenarios/story.ts'
import { findCaddy } from './caddy.ts'
import { findNginx } from './nginx.ts'
import { open } from './open.ts'
import type { Proxy, ProxyProgram } from './proxy.ts'

// Found with requireTool().
const nginx = findNginx()
const caddy = findCaddy()

const fronts = [
  { name: 'nginx as it is', program: nginx, file: 'plain.conf' },
  { name: 'nginx with gzip', program: nginx, file: 'gzip.conf', compresses: true },
  { name: 'nginx with HTTP/2', program: canCertify ? nginx : undefined, file: 'streaming.conf' },
  { name: 'Caddy', program: caddy, file: 'Caddyfile' },
]

for (const { name, program, file, compresses = false } of fronts) {
  describe.skipIf(program === undefined)(name, { timeout: 30_000 }, () => {
    describe.each(adaptersFor(['http/1.1']))('before $name', (adapter: Adapter) => {
      const runs = createRuns()
      let server: Server
      let proxy: Proxy
      beforeAll(async () => {
        server = await adapter.start(runs.watcherOf)
        proxy = await (program as ProxyProgram).start(file, server.url)
      })
      afterAll(async () => {
        await proxy.close()
        await server.close()
      })

      it('passes on the head before the first event, and each event at once', async () => {
        const run = runs.create()
        await using connection = await open(proxy, run.path('story'))
        expect(connection.response.headers.get('content-type')).toBe('text/event-stream')
        run.release()
        expect((await connection.nextEvent()).event).toBe('stage')
        run.release()
        await connection.until('done')
        expect(connection.received.map(({ event, data }) => [event, data])).toEqual(
          storyEvents.map(({ event, data }) => [event, data]),
        )
        expect(await run.reported('ended')).toMatchObject({ reason: 'completed' })
      })

      it('tells the source that the client has left', async () => {
        const run = runs.create()
        const connection = await open(proxy, run.path('endless'))
        await connection.nextEvent()
        await connection.close()
        expect(await run.reported('aborted')).toMatchObject({ reason: 'client-disconnect' })
        await run.reported('cleaned-up')
      })

      it('passes on a refusal with the time to wait', async () => {
        const [first, second] = [runs.create(), runs.create()]
        await using held = await open(proxy, first.path('full'))
        await using refused = await open(proxy, second.path('full'))
        expect(held.response.status).toBe(200)
        expect(refused.response.status).toBe(503)
        expect(refused.response.headers.get('retry-after')).toMatch(/^\d+$/)
      })

      it('delivers events at once to a client that takes gzip', async () => {
        const run = runs.create()
        const headers = { 'Accept-Encoding': 'gzip' }
        await using connection = await open(proxy, run.path('story'), headers)
        if (compresses) expect(connection.response.headers.get('content-encoding')).toBe('gzip')
        run.release()
        expect((await connection.nextEvent()).event).toBe('stage')
        run.release()
        await connection.until('done')
      })
    })
  })
}
