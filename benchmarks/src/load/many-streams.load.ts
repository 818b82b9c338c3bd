import { afterAll, expect, it } from 'vitest'
import { openHttp1 } from './http1-client.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const STREAMS = 5_000
const TICKS = 10
// Opened a few at a time: the kernel's queue of connections that wait to be accepted is short.
const OPENED_TOGETHER = 100

const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

it.each(['express', 'hono', 'koa'])(
  '5,000 streams get an event a second each, every one in order: %s',
  async (adapter) => {
    const server = await startServer(adapter)
    servers.push(server)
    const clients: ReturnType<typeof openHttp1>[] = []
    while (clients.length < STREAMS) {
      const opened = Array.from({ length: OPENED_TOGETHER }, () => openHttp1(server.port, '/tick'))
      clients.push(...opened)
      await until('all that were opened have an event', () =>
        opened.every((client) => client.count() > 0),
      )
    }
    const start = clients.map((client) => client.count())
    const startedAt = performance.now()
    await server.report()
    await until(
      `all have ${TICKS} more events`,
      () => clients.every((client, index) => client.count() >= (start[index] ?? 0) + TICKS),
      60_000,
    )
    const seconds = (performance.now() - startedAt) / 1_000
    const { cpuMicros, stats, rssBytes } = await server.report()
    console.log(
      `${adapter}: ${TICKS} events for each of ${STREAMS} in ${seconds.toFixed(1)} s, ` +
        `${((cpuMicros / seconds) * 1e-4).toFixed(0)} % of a core, ${(rssBytes / 1e6).toFixed(0)} MB`,
    )
    expect(stats).toMatchObject({ active: STREAMS, dropped: 0, orphaned: 0 })
    expect(Object.values(stats.ended).every((count) => count === 0)).toBe(true)
    for (const client of clients) {
      // The last event says how many came before it: none was lost, none came twice.
      const last = /"tick":(\d+)\}\n\n\r\n$/.exec(client.tail())?.[1]
      expect(Number(last) + 1).toBe(client.count())
      client.socket.destroy()
    }
    await until('every slot is free', async () => (await server.report()).stats.active === 0)
    expect((await server.report()).stats.ended['client-disconnect']).toBe(STREAMS)
  },
)
