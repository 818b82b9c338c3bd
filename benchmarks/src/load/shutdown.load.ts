import { afterAll, expect, it } from 'vitest'
import { openHttp1 } from './http1-client.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const STREAMS = 500

const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

it.each(['node:http', 'express', 'hono', 'koa'])(
  '500 streams are drained on shutdown, and the server closes: %s',
  async (adapter) => {
    const server = await startServer(adapter)
    servers.push(server)
    const clients = Array.from({ length: STREAMS }, () => openHttp1(server.port, '/tick'))
    await until('all have an event', () => clients.every((client) => client.count() > 0))
    const { stats } = await server.close(10_000)
    await Promise.all(clients.map((client) => client.closed))
    // The last chunk of HTTP/1.1: the response was ended, not cut.
    expect(clients.filter((client) => client.tail().endsWith('0\r\n\r\n'))).toHaveLength(STREAMS)
    const retries = clients.map((client) => /retry: (\d+)\n/.exec(client.tail())?.[1])
    expect(retries.every((retry) => Number(retry) >= 3_000 && Number(retry) <= 4_500)).toBe(true)
    expect(new Set(retries).size).toBeGreaterThan(100)
    expect(stats).toMatchObject({ active: 0, ended: { shutdown: STREAMS } })
  },
)
