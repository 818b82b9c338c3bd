import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { createSse } from '@sse/core/node'

// node workers.ts [processes] [port]: the same server in several processes, on one port.
const [processes = '4', port = '8000'] = process.argv.slice(2)

if (cluster.isPrimary) {
  for (let i = 0; i < Number(processes); i += 1) cluster.fork()
  cluster.on('listening', (worker, address) => {
    console.log(`worker ${worker.process.pid} listens on ${address.port}`)
  })
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
  })
} else {
  // Each process counts its own streams: the limit of the machine is this times the processes.
  const sse = createSse({ limit: { maxConnections: 100 } })
  const stream = sse.handler(async function* ({ signal }) {
    yield { event: 'worker', data: { pid: process.pid } }
    await setTimeout(1_000_000, undefined, { signal })
  })
  const server = createServer((req, res) => {
    stream(req, res).catch(() => res.writeHead(500).end())
  })
  server.listen(Number(port), '127.0.0.1')
  process.once('SIGTERM', () => {
    server.close()
    // The channel to the primary process would keep this one alive.
    void sse.close({ graceMs: 2_000 }).then(() => cluster.worker?.disconnect())
  })
}
