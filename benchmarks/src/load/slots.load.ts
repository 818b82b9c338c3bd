import { afterAll, expect, it } from 'vitest'
import { openHttp1 } from './http1-client.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const RUNS = 1_000
const AT_ONCE = 50
const LIMIT = 60

const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

const PATHS = [
  ['source-error', '/fail'],
  ['closed', '/close'],
  ['client-disconnect', '/quiet'],
] as const

it.each(['node:http', 'express', 'hono', 'koa'])(
  'slots are exact after 1,000 runs of each path: %s',
  async (adapter) => {
    const server = await startServer(adapter, { limit: { maxConnections: LIMIT } })
    servers.push(server)
    for (const [reason, path] of PATHS) {
      for (let run = 0; run < RUNS; run += AT_ONCE) {
        const clients = Array.from({ length: AT_ONCE }, () => openHttp1(server.port, path, ':\n'))
        await until('all are open', () => clients.every((client) => client.count() > 0))
        if (path === '/quiet') for (const client of clients) client.socket.destroy()
        await Promise.all(clients.map((client) => client.closed))
      }
      await until(
        `${RUNS} ended as ${reason}`,
        async () => (await server.report()).stats.ended[reason] === RUNS,
      )
    }
    const { stats } = await server.report()
    expect(stats).toMatchObject({ active: 0, queued: 0, opened: RUNS * PATHS.length })
    expect(stats.rejected['server-limit']).toBe(0)

    // And the limit still is what it was.
    const held = Array.from({ length: LIMIT }, () => openHttp1(server.port, '/quiet', ':\n'))
    await until('all slots are taken', () => held.every((client) => client.count() > 0))
    const refused = openHttp1(server.port, '/quiet', 'HTTP/1.1 503')
    await refused.closed
    expect(refused.count()).toBe(1)
    for (const client of held) client.socket.destroy()
  },
)
