// A system in a process of its own, so that its memory and its CPU time are its own. It is told over IPC what to publish.
import { constants, openSync, readSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { SYSTEMS } from './index.ts'
import type { SystemApp, SystemOptions, Tick } from './system.ts'

/** Ticks without a pause; see `SystemServer.burst`. */
export interface BurstCommand {
  readonly kind: 'burst'
  readonly ms: number
  readonly perTick: number
  readonly dataBytes: number
  readonly slot: number
  readonly mostAhead: number
  readonly isDistinct?: boolean
}

/** Events at fixed times. */
export interface RateCommand {
  readonly kind: 'rate'
  readonly perSecond: number
  readonly ms: number
  readonly dataBytes: number
  /** How long after the end it still publishes what it should have published before. */
  readonly giveUpMs?: number
}

/** What a system is told. */
export type Command =
  | BurstCommand
  | RateCommand
  | { readonly kind: 'events'; readonly count: number; readonly dataBytes: number }
  | { readonly kind: 'memory' | 'clients' | 'watch-loop' | 'loop-stall' | 'first-id' }

/** What it answers: what was published, or what was asked for. */
export interface Answer {
  readonly published: number
  /** The number of the last event. */
  readonly last: number
  readonly startedNs: number
  readonly clients: number
  readonly value?: number
  readonly text?: string
  readonly memory?: NodeJS.MemoryUsage
}

const FIRST_NUMBER = 1_000_000
const NS_PER_MS = 1_000_000
// Timers are late by up to a millisecond.
const SPIN_MS = 1.5

const [name = '', json = '{}', counters = ''] = process.argv.slice(2)
const app = await create(name, JSON.parse(json))
const counterFile = openSync(counters, constants.O_RDONLY)
const counter = Buffer.alloc(8)
const loop = monitorEventLoopDelay({ resolution: 1 })
let next = FIRST_NUMBER
let padding = ''

process.on('message', (command: Command) => {
  run(command).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      app.stop?.()
      process.exit(1)
    },
  )
})
process.on('disconnect', () => {
  app.stop?.()
  process.exit(0)
})
app.server?.listen(0, '127.0.0.1', 4_096, ready)
if (app.server === undefined) ready()

function ready(): void {
  const address = app.server?.address() as AddressInfo | undefined
  const port = app.port ?? address?.port
  process.send?.({ port, pids: app.pids?.() ?? [process.pid] })
}

async function create(system: string, options: SystemOptions): Promise<SystemApp> {
  const make = SYSTEMS[system]
  if (make === undefined) throw new Error(`No system ${system}`)
  return make(options)
}

async function run(command: Command): Promise<Answer> {
  const first = next
  const startedNs = Number(process.hrtime.bigint())
  const answer = await answerTo(command)
  const published = next - first
  return { published, last: next - 1, startedNs, clients: await app.clients(), ...answer }
}

async function answerTo(command: Command): Promise<Partial<Answer>> {
  switch (command.kind) {
    case 'burst':
      return burst(command)
    case 'rate':
      return rate(command)
    case 'events':
      for (let count = 0; count < command.count; count += 1) {
        publish(command.dataBytes, process.hrtime.bigint())
        await nextTurn()
      }
      return {}
    case 'memory':
      return { memory: await memoryInUse() }
    case 'first-id':
      return { text: app.firstEventId?.() ?? '' }
    case 'watch-loop':
      loop.reset()
      loop.enable()
      return {}
    case 'loop-stall':
      loop.disable()
      return { value: loop.max / NS_PER_MS }
    case 'clients':
      return {}
  }
}

async function burst(command: BurstCommand): Promise<Partial<Answer>> {
  const { ms, perTick, dataBytes, slot, mostAhead, isDistinct = false } = command
  const first = next
  const until = performance.now() + ms
  const clients = await app.clients()
  do {
    for (let count = 0; count < perTick; count += 1) {
      if (isDistinct) publishEach(dataBytes)
      else publish(dataBytes, process.hrtime.bigint())
    }
    await nextTurn()
    await app.settled?.()
    while ((next - first) * clients - deliveries(slot) > mostAhead * clients) await sleep(1)
  } while (performance.now() < until)
  return {}
}

async function rate(command: RateCommand): Promise<Partial<Answer>> {
  const { perSecond, ms, dataBytes, giveUpMs = Infinity } = command
  const step = BigInt(Math.round(1e9 / perSecond))
  const started = process.hrtime.bigint()
  const until = started + BigInt(ms * NS_PER_MS)
  const giveUpAt = performance.now() + ms + giveUpMs
  for (let due = started; due < until && performance.now() < giveUpAt; ) {
    const now = process.hrtime.bigint()
    for (; due <= now && due < until && performance.now() < giveUpAt; due += step) {
      publish(dataBytes, due)
    }
    const waitMs = Number(due - process.hrtime.bigint()) / NS_PER_MS
    if (waitMs > 2 * SPIN_MS) await sleep(Math.floor(waitMs - SPIN_MS))
    else await nextTurn()
  }
  return {}
}

function publish(dataBytes: number, sentNs: bigint): void {
  const t = String(sentNs).padStart(19, '0')
  app.publish({ id: String(next), data: { n: next, t, x: paddingFor(dataBytes) } })
  next += 1
}

function publishEach(dataBytes: number): void {
  const id = String(next)
  const t = String(process.hrtime.bigint()).padStart(19, '0')
  const x = paddingFor(dataBytes - 5)
  const toTick = (index: number): Tick => ({
    id,
    data: { n: next, t, x: String(index).padStart(5, '0') + x },
  })
  app.publishEach?.(toTick)
  next += 1
}

function paddingFor(dataBytes: number): string {
  const empty = JSON.stringify({ n: FIRST_NUMBER, t: '0'.repeat(19), x: '' })
  if (padding.length !== dataBytes - empty.length) padding = 'x'.repeat(dataBytes - empty.length)
  return padding
}

/** How many events have reached the reader since it last began to count. */
function deliveries(slot: number): number {
  readSync(counterFile, counter, 0, 8, slot * 8)
  return Number(counter.readBigUInt64LE())
}

async function memoryInUse(): Promise<NodeJS.MemoryUsage> {
  // What the first one lets go of may hold more.
  for (let count = 0; count < 3; count += 1) {
    globalThis.gc?.()
    await sleep(50)
  }
  return process.memoryUsage()
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
