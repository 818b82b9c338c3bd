// One channel, many streams: what it costs to deliver an event to one of them, next to `res.write` for each.
//
// The method is that of main.ts. Each figure is of so many ticks, one after the other, without a pause; a tick
// publishes its events in one turn of the event loop. The client, which is another process, checks in each run that
// every stream got every event once and in order.
import type { Publication } from './feeds.ts'
import { type Follower, follow } from './follower-client.ts'
import { inRounds, median, range } from './rounds.ts'
import { type LoadServer, startServer } from './start-server.ts'
import { until } from './until.ts'

const RAW = 'raw feed'
const NAMES = [RAW, 'better-sse', 'node:http', 'express', 'hono', 'koa']
const DATA_BYTES = 100

// Ticks so that a run takes about a second, and less than 1 MiB waits for any stream.
const SETTINGS = [
  { streams: 100, perTick: 1, ticks: 1_000 },
  { streams: 100, perTick: 16, ticks: 250 },
  { streams: 1_000, perTick: 1, ticks: 100 },
  { streams: 1_000, perTick: 16, ticks: 40 },
]
const ROUNDS = 5
const OPENED_TOGETHER = 100

interface Cost {
  readonly cpuMicros: number
  readonly perSecond: number
}

/** Measures and prints. */
export async function benchFanOut(): Promise<void> {
  const servers = new Map<string, LoadServer>()
  for (const name of NAMES) servers.set(name, await startServer(name))
  for (const { streams, perTick, ticks } of SETTINGS) {
    const publication: Publication = { feed: 'live', ticks, perTick, dataBytes: DATA_BYTES }
    const rounds = await inRounds(NAMES, ROUNDS, (name) =>
      measure(servers.get(name) as LoadServer, streams, publication),
    )
    console.log(
      `\nA channel with ${streams} streams: ${ticks} ticks, events of ${DATA_BYTES} bytes of data, ${perTick} in a tick.\n`,
    )
    console.log(
      '| server | CPU per delivery, µs | ratio, median (range) | deliveries per s | ratio, median (range) |',
    )
    console.log('|---|---|---|---|---|')
    for (const name of NAMES) {
      const of = (key: keyof Cost): number[] => rounds.map((round) => round(name)[key])
      const ratios = (key: keyof Cost): number[] =>
        rounds.map((round) => round(name)[key] / round(RAW)[key])
      console.log(
        `| ${name} | ${median(of('cpuMicros')).toFixed(2)} | ${range(ratios('cpuMicros'))} ` +
          `| ${Math.round(median(of('perSecond'))).toLocaleString('en')} | ${range(ratios('perSecond'))} |`,
      )
    }
  }
  await Promise.all([...servers.values()].map((server) => server.stop()))
}

async function measure(
  server: LoadServer,
  streams: number,
  publication: Publication,
): Promise<Cost> {
  const followers = await open(server, streams)
  await server.report()
  const startedAt = performance.now()
  const { cpuMicros } = await server.publish(publication)
  const events = publication.ticks * publication.perTick
  await until('every stream has every event', () =>
    followers.every(({ view }) => view.last - view.first + 1 === events),
  )
  const seconds = (performance.now() - startedAt) / 1_000
  const afterwards = await server.report()
  const faults = followers.reduce((sum, { view }) => sum + view.faults + view.gaps, 0)
  if (faults > 0) throw new Error(`${faults} events came twice, or out of order, or not at all`)
  for (const { socket } of followers) socket.destroy()
  await until('all have left', async () => (await server.report()).subscribers === 0)
  const deliveries = events * streams
  return {
    cpuMicros: (cpuMicros + afterwards.cpuMicros) / deliveries,
    perSecond: deliveries / seconds,
  }
}

async function open(server: LoadServer, streams: number): Promise<Follower[]> {
  const followers: Follower[] = []
  while (followers.length < streams) {
    const opened = Array.from({ length: OPENED_TOGETHER }, () => follow(server.port, '/live'))
    followers.push(...opened)
    await until('they are open', () => opened.every(({ view }) => view.isOpen))
  }
  await until('all follow', async () => (await server.report()).subscribers === streams)
  return followers
}
