// CPU time of the server per event, next to what people write by hand: one stream, then many of a channel.
//
// Method: each server is a process of its own; all are alive at once, and take turns in rounds whose order
// rotates, so that whatever else the machine does hits all alike. A figure is only good as a ratio to the hand-written
// one of the same round. That every event arrived is asserted in each run.
import { cpus } from 'node:os'
import { ADAPTERS } from './adapters.ts'
import { benchFanOut } from './fan-out.ts'
import { openHttp1 } from './http1-client.ts'
import { inRounds, median, range } from './rounds.ts'
import { BURST_EVENTS } from './sources.ts'
import { type LoadServer, startServer } from './start-server.ts'

const ROUNDS = 7

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}.\n`)
await benchOneStream()
await benchFanOut()

async function benchOneStream(): Promise<void> {
  const names = ['raw', ...Object.keys(ADAPTERS).filter((name) => name !== 'node:http2')]
  const servers = new Map<string, LoadServer>()
  for (const name of names) servers.set(name, await startServer(name))
  const rounds = await inRounds(names, ROUNDS, (name) =>
    costPerEvent(servers.get(name) as LoadServer),
  )
  console.log(`One stream of ${BURST_EVENTS.toLocaleString('en')} events of 200 bytes of data.\n`)
  console.log('| server | CPU per event, µs | ratio to raw, median (range) |\n|---|---|---|')
  for (const name of names) {
    const costs = rounds.map((round) => round(name))
    const ratios = rounds.map((round) => round(name) / round('raw'))
    console.log(`| ${name} | ${median(costs).toFixed(2)} | ${range(ratios)} |`)
  }
  await Promise.all([...servers.values()].map((server) => server.stop()))
}

async function costPerEvent(server: LoadServer): Promise<number> {
  await server.report()
  const client = openHttp1(server.port, '/burst', 'event: token\n')
  await client.closed
  const { cpuMicros } = await server.report()
  if (client.count() !== BURST_EVENTS) throw new Error(`${client.count()} events arrived`)
  return cpuMicros / BURST_EVENTS
}
