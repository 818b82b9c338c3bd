// One stream, as fast as it goes: CPU time of the server per event, next to a hand-written loop.
//
// Method: each server is a process of its own; all are alive at once, and take turns in rounds whose order
// rotates, so that whatever else the machine does hits all alike. A figure is only good as a ratio to `raw` of the
// same round. The client counts bytes; that every event arrived is asserted in each run.
import { cpus } from 'node:os'
import { ADAPTERS } from './adapters.ts'
import { openHttp1 } from './http1-client.ts'
import { BURST_EVENTS } from './sources.ts'
import { type LoadServer, startServer } from './start-server.ts'

const ROUNDS = 7
const WARM_UP_ROUNDS = 2
const names = ['raw', ...Object.keys(ADAPTERS).filter((name) => name !== 'node:http2')]

const servers = new Map<string, LoadServer>()
for (const name of names) servers.set(name, await startServer(name))

const rounds: Map<string, number>[] = []
for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
  const costs = new Map<string, number>()
  for (const [index] of names.entries()) {
    const name = names[(index + round) % names.length] as string
    costs.set(name, await costPerEvent(servers.get(name) as LoadServer))
  }
  if (round >= WARM_UP_ROUNDS) rounds.push(costs)
}

console.log(`One stream of ${BURST_EVENTS.toLocaleString('en')} events of 200 bytes of data.`)
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${ROUNDS} rounds.\n`)
console.log('| server | CPU per event, µs | ratio to raw, median (range) |\n|---|---|---|')
for (const name of names) {
  const costs = rounds.map((round) => round.get(name) ?? Number.NaN)
  const ratios = rounds.map((round) => (round.get(name) ?? Number.NaN) / (round.get('raw') ?? 1))
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2))
  console.log(
    `| ${name} | ${median(costs).toFixed(2)} | ${median(ratios).toFixed(2)} (${least}–${most}) |`,
  )
}
await Promise.all([...servers.values()].map((server) => server.stop()))

async function costPerEvent(server: LoadServer): Promise<number> {
  await server.report()
  const client = openHttp1(server.port, '/burst', 'event: token\n')
  await client.closed
  const { cpuMicros } = await server.report()
  if (client.count() !== BURST_EVENTS) throw new Error(`${client.count()} events arrived`)
  return cpuMicros / BURST_EVENTS
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
