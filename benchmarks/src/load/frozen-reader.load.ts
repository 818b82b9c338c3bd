import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { ADAPTERS } from './adapters.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const MEGABYTE = 1_000_000
const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

it.each(Object.keys(ADAPTERS))(
  'a client that never reads 256 MiB costs less than 32 MB: %s',
  async (adapter) => {
    const server = await startServer(adapter, { sendTimeoutMs: 3_000 })
    servers.push(server)
    const before = (await server.report()).rssBytes
    const leave = adapter === 'node:http2' ? freezeHttp2(server.port) : freezeHttp1(server.port)
    let peak = 0
    await until('the send timeout ends the stream', async () => {
      const { rssBytes, stats } = await server.report()
      peak = Math.max(peak, rssBytes)
      return stats.ended['send-timeout'] === 1
    })
    leave()
    console.log(`${adapter}: ${((peak - before) / MEGABYTE).toFixed(1)} MB at most`)
    expect(peak - before).toBeLessThan(32 * MEGABYTE)
    expect((await server.report()).stats.active).toBe(0)
  },
)

function freezeHttp1(port: number): () => void {
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => undefined)
  socket.write('GET /big HTTP/1.1\r\nHost: load\r\n\r\n')
  return () => socket.destroy()
}

function freezeHttp2(port: number): () => void {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const request = session.request({ ':path': '/big' })
  request.pause()
  for (const emitter of [session, request]) emitter.on('error', () => undefined)
  return () => session.destroy()
}
