// The client in Node, for machines without a C compiler. It takes the same commands as `native/reader.c` and answers alike,
// but it sleeps between two reads, and is heavier: it may be what limits, as the report then says.
import { openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createNodeGroup, type NodeGroup } from './node-group.ts'

const [counters = ''] = process.argv.slice(2)
const counterFile = openSync(counters, 'r+')
const counter = Buffer.alloc(8)
const groups = new Map<number, NodeGroup>()
const dataBytes = new Map<number, number>()
let active = -1

const COMMANDS: Readonly<Record<string, (slot: number, args: readonly string[]) => void>> = {
  open: (slot, args) => start(slot, args, false),
  churn: (slot, args) => start(slot, args, true),
  run: activate,
  stop: () => activate(-1),
  size: (slot, [bytes]) => {
    dataBytes.set(slot, Number(bytes))
    groups.get(slot)?.expect(Number(bytes))
  },
  reset(slot) {
    groups.get(slot)?.reset()
    note(slot, 0)
    print(slot)
  },
  wait: (slot, [n, timeoutMs]) =>
    groups.get(slot)?.wait(Number(n), Number(timeoutMs), () => print(slot)),
  stats: print,
  close(slot) {
    groups.get(slot)?.close()
    print(slot)
    groups.delete(slot)
  },
}

console.log('{"ready":true}')
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [name = '', slot, ...args] = line.split(' ')
    COMMANDS[name]?.(Number(slot), args)
  })
  .on('close', () => process.exit(0))

function start(slot: number, args: readonly string[], isChurning: boolean): void {
  const [port, path = '/', count, concurrency, from, lastEventId = '-'] = args
  const group = createNodeGroup({
    port: Number(port),
    path,
    count: Number(count),
    concurrency: Number(concurrency),
    from: Number(from),
    lastEventId: lastEventId === '-' ? '' : lastEventId,
    isChurning,
    onDeliveries: (deliveries) => note(slot, deliveries),
    onReady: () => print(slot),
  })
  groups.set(slot, group)
  group.expect(dataBytes.get(slot) ?? 0)
  activate(slot)
  group.start()
}

function activate(slot: number): void {
  if (active !== slot) groups.get(active)?.pause()
  active = slot
  groups.get(slot)?.resume()
}

function note(slot: number, deliveries: number): void {
  counter.writeBigUInt64LE(BigInt(deliveries))
  writeSync(counterFile, counter, 0, 8, slot * 8)
}

function print(slot: number): void {
  console.log(JSON.stringify(groups.get(slot)?.stats() ?? {}))
}
