import { connect as connectHttp2 } from 'node:http2'
import { afterAll, expect, it } from 'vitest'
import { ADAPTERS } from './adapters.ts'
import { openHttp1 } from './http1-client.ts'
import { monotonicMs } from './sources.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const RUNS = 100

const servers: LoadServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

it.each(Object.keys(ADAPTERS))(
  'a disconnect reaches the signal in less than 250 ms, in the median: %s',
  async (adapter) => {
    const server = await startServer(adapter)
    servers.push(server)
    const open = adapter === 'node:http2' ? openStreamHttp2 : openStreamHttp1
    const delays: number[] = []
    for (let run = 0; run < RUNS; run += 1) {
      const leave = await open(server.port, run % 2 === 0)
      const leftAt = monotonicMs()
      leave()
      await until('the signal aborted', async () => {
        const { abortedAtMs } = await server.report()
        if (abortedAtMs.length <= run) return false
        delays.push((abortedAtMs[run] ?? Number.NaN) - leftAt)
        return true
      })
    }
    delays.sort((a, b) => a - b)
    const [median = Number.NaN, longest] = [delays[RUNS / 2], delays.at(-1)]
    console.log(
      `${adapter}: ${median.toFixed(1)} ms in the median, ${longest?.toFixed(1)} ms at most`,
    )
    // The longest says more about what else this machine was doing.
    expect(median).toBeLessThan(250)
  },
)

async function openStreamHttp1(port: number, isReset: boolean): Promise<() => void> {
  const { socket, count } = openHttp1(port, '/abort', ':\n')
  await until('the stream is open', () => count() > 0)
  return () => void (isReset ? socket.resetAndDestroy() : socket.destroy())
}

async function openStreamHttp2(port: number, isReset: boolean): Promise<() => void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const request = session.request({ ':path': '/abort' })
  for (const emitter of [session, request]) emitter.on('error', () => undefined)
  await new Promise((resolve) => request.once('data', resolve))
  // A reset of the stream alone, and the end of the whole session.
  return () => {
    if (isReset) request.close(8, () => session.close())
    else session.destroy()
  }
}
