import { cpuNs } from '../measure/cpu.ts'
import { spread } from '../measure/spread.ts'
import { type Child, runChild, startChild } from '../measure/start-child.ts'
import { pin } from '../native/pin.ts'
import { measureOneStream } from '../scenarios/one-stream.ts'
import { BASELINE } from '../systems/one-stream/systems.ts'
import { BOUNDS, type Group } from './bounds.ts'
import type { EncodeCheckSettings, EncodeRatios } from './encode-child.ts'
import type { FeedAnswer, FeedQuestion } from './feed-server.ts'
import { type Followers, openFollowers } from './followers.ts'

/** By row: the ratio to the same done by hand. */
export type Ratios = ReadonlyMap<string, number>

const FAN_OUT = [
  { row: '100x16', streams: 100, ticks: 40, perTick: 16 },
  { row: '1000x1', streams: 1_000, ticks: 8, perTick: 1 },
]
const FAN_OUT_ROUNDS = 9
const FAN_OUT_WARM_UP = 4
const IDLE = 2_000
const WARM_UP_STREAMS = 200
const SERVER_CORE = 0
const CLIENT_CORE = 1

/** Measures the rows of a group once. Every ratio is of windows that lie side by side; the median of them counts. */
export const MEASURE: Readonly<Record<Group, () => Promise<Ratios>>> = {
  encode: measureEncode,
  'one-stream': measureStreams,
  'fan-out': measureFanOut,
  heap: measureHeap,
}

async function measureEncode(): Promise<Ratios> {
  const settings: EncodeCheckSettings = { shapes: rowsOf('encode'), rounds: 61, windowMs: 6 }
  const found = await runChild<EncodeRatios>(new URL('encode-child.ts', import.meta.url), settings)
  return new Map(Object.entries(found).map(([shape, ratios]) => [shape, spread(ratios).median]))
}

async function measureStreams(): Promise<Ratios> {
  const systems = [BASELINE, ...rowsOf('one-stream')]
  const figures = await measureOneStream({ events: 15_000, rounds: 21, systems })
  const base = figures.get(BASELINE)?.cpu ?? []
  return new Map([...figures].map(([system, { cpu }]) => [system, medianRatio(cpu, base)]))
}

async function measureFanOut(): Promise<Ratios> {
  const found = new Map<string, number>()
  pin(process.pid, CLIENT_CORE)
  for (const setting of FAN_OUT) {
    const sides = await Promise.all([startFeed(true), startFeed(false)])
    for (const { pid } of sides) pin(pid, SERVER_CORE)
    const followers = await Promise.all(
      sides.map(({ message }) => openFollowers(message.port, setting.streams)),
    )
    const costs: [number[], number[]] = [[], []]
    for (let round = -FAN_OUT_WARM_UP; round < FAN_OUT_ROUNDS; round += 1) {
      for (const turn of [0, 1]) {
        const at = ((turn + round + FAN_OUT_WARM_UP) % 2) as 0 | 1
        const cost = await publish(sides[at], followers[at] as Followers, setting)
        if (round >= 0) costs[at].push(cost)
      }
    }
    for (const each of followers) each.close()
    await Promise.all(sides.map((side) => side.stop()))
    found.set(setting.row, medianRatio(...costs))
  }
  pin(process.pid, 'any')
  return found
}

async function publish(
  side: Child<FeedAnswer>,
  followers: Followers,
  { ticks, perTick }: (typeof FAN_OUT)[number],
): Promise<number> {
  const before = cpuNs([side.pid]) / 1_000
  const question: FeedQuestion = { ticks, perTick }
  await Promise.all([followers.receive(ticks * perTick), side.ask(question)])
  return cpuNs([side.pid]) / 1_000 - before
}

async function measureHeap(): Promise<Ratios> {
  const ours = await heapPerStream(true)
  return new Map([[String(IDLE), ours / (await heapPerStream(false))]])
}

async function heapPerStream(isOurs: boolean): Promise<number> {
  const server = await startFeed(isOurs, ['--expose-gc'])
  // What is made once, and stays.
  const first = await openFollowers(server.message.port, WARM_UP_STREAMS)
  first.close()
  await streamsOf(server, 0)
  const before = (await server.ask({})).heapBytes
  const followers = await openFollowers(server.message.port, IDLE)
  await streamsOf(server, IDLE)
  const after = (await server.ask({})).heapBytes
  followers.close()
  await server.stop()
  return (after - before) / IDLE
}

async function streamsOf(server: Child<FeedAnswer>, count: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while ((await server.ask({})).streams !== count) {
    if (performance.now() > deadline) throw new Error(`There never were ${count} streams`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function startFeed(isOurs: boolean, execArgv: readonly string[] = []): Promise<Child<FeedAnswer>> {
  return startChild<FeedAnswer>(new URL('feed-server.ts', import.meta.url), { isOurs }, execArgv)
}

function rowsOf(group: Group): string[] {
  return BOUNDS.filter((bound) => bound.group === group).map(({ row }) => row)
}

function medianRatio(values: readonly number[], base: readonly number[]): number {
  return spread(values.map((value, round) => value / (base[round] ?? Number.NaN))).median
}
