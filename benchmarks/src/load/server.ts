import type { AddressInfo } from 'node:net'
import { ADAPTERS, type LoadApp, type LoadOptions } from './adapters.ts'
import {
  FEEDS,
  type FeedData,
  type FeedName,
  heldBytes,
  type Publication,
  publishAll,
} from './feeds.ts'
import { abortedAtMs } from './sources.ts'

/** What a server process answers to each message. */
export interface Report {
  readonly port: number
  readonly rssBytes: number
  /** CPU time used since the last message, in µs. */
  readonly cpuMicros: number
  readonly stats: ReturnType<LoadApp['sse']['stats']>
  /** Streams that follow a feed. */
  readonly subscribers: number
  /** Memory in use, and the most of it while it published last; 0 if it was not asked for. */
  readonly heldBytes: number
  readonly peakHeldBytes: number
  readonly abortedAtMs: readonly number[]
}

interface Message {
  readonly close?: { readonly graceMs: number }
  readonly publish?: Publication
  /** Whether the report is to say how much memory is in use. */
  readonly looks?: boolean
}

// A process of its own for each server: its memory and CPU time are then its own.
const [adapter = '', json = '{}'] = process.argv.slice(2)
const { server, sse } = createApp(adapter, JSON.parse(json))
let cpu = process.cpuUsage()
let peakHeldBytes = 0

server.listen(0, '127.0.0.1', () => report())
process.on('message', (message: Message) => {
  if (message.publish !== undefined) return void publish(message.publish).then(() => report())
  if (message.close === undefined) return report(message.looks)
  void sse.close(message.close).then(() => server.close(() => report()))
})
process.on('disconnect', () => process.exit(0))

function report(looks = false): void {
  const used = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  const message: Report = {
    port: (server.address() as AddressInfo | null)?.port ?? 0,
    rssBytes: process.memoryUsage.rss(),
    cpuMicros: used.user + used.system,
    stats: sse.stats(),
    subscribers: subscribers(),
    peakHeldBytes,
    heldBytes: looks ? heldBytes() : 0,
    abortedAtMs,
  }
  process.send?.(message)
}

async function publish(publication: Publication): Promise<void> {
  peakHeldBytes = await publishAll(publication, publishToChannel)
}

function publishToChannel(feed: FeedName, data: FeedData): void {
  FEEDS[feed].publish({ data })
}

function subscribers(): number {
  return Object.values(FEEDS).reduce((sum, feed) => sum + feed.stats().subscribers, 0)
}

function createApp(name: string, options: LoadOptions): LoadApp {
  const create = ADAPTERS[name]
  if (create === undefined) throw new Error(`No adapter ${name}`)
  return create(options)
}
