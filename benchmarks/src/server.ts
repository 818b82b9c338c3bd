import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ADAPTERS, type LoadApp, type LoadOptions } from './adapters.ts'
import { abortedAtMs, BURST_DATA, BURST_EVENTS } from './sources.ts'

/** What a server process answers to each message. */
export interface Report {
  readonly port: number
  readonly rssBytes: number
  /** CPU time used since the last message, in µs. */
  readonly cpuMicros: number
  readonly stats: ReturnType<LoadApp['sse']['stats']>
  readonly abortedAtMs: readonly number[]
}

// A process of its own for each server: its memory and CPU time are then its own.
const [adapter = '', json = '{}'] = process.argv.slice(2)
const { server, sse } = adapter === 'raw' ? rawApp() : createApp(adapter, JSON.parse(json))
let cpu = process.cpuUsage()

server.listen(0, '127.0.0.1', report)
process.on('message', (message: { close?: { graceMs: number } }) => {
  if (message.close === undefined) return report()
  void sse.close(message.close).then(() => server.close(report))
})
process.on('disconnect', () => process.exit(0))

function report(): void {
  const used = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  const message: Report = {
    port: (server.address() as AddressInfo | null)?.port ?? 0,
    rssBytes: process.memoryUsage.rss(),
    cpuMicros: used.user + used.system,
    stats: sse.stats(),
    abortedAtMs,
  }
  process.send?.(message)
}

function createApp(name: string, options: LoadOptions): LoadApp {
  const create = ADAPTERS[name]
  if (create === undefined) throw new Error(`No adapter ${name}`)
  return create(options)
}

/** What people write by hand: a generator, a template, `res.write`, and `drain` heeded. */
function rawApp(): LoadApp {
  async function* burst(): AsyncGenerator<{ event: string; id: number; data: string }> {
    for (let id = 0; id < BURST_EVENTS; id += 1) yield { event: 'token', id, data: BURST_DATA }
  }
  async function answer(res: ServerResponse): Promise<void> {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for await (const { event, id, data } of burst()) {
      const hasRoom = res.write(`event: ${event}\ndata: ${data}\nid: ${id}\n\n`)
      if (!hasRoom) await new Promise((resolve) => res.once('drain', resolve))
    }
    res.end()
  }
  return {
    server: createServer((_req, res) => void answer(res)),
    sse: { stats: () => ({}) as Report['stats'], close: async () => undefined },
  }
}
