// A server in a process of its own, whose streams all follow one channel.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, createGzip } from 'node:zlib'
import { createChannel } from '@sse/core'
import { createCompression } from '@sse/core/compression'
import { createSse } from '@sse/core/node'
import { documentEvent } from './events.ts'

/** How the streams of a server are compressed. */
export type Way = (typeof WAYS)[number]

export const WAYS = [
  'none',
  'createGzip per stream, by hand',
  'gzip per stream',
  'gzip per stream, events isolated',
  'br per stream',
  'zstd per stream',
  'gzip, shared',
  'gzip, shared, events isolated',
] as const

/** What a server says of itself. */
export interface ServerReport {
  readonly port: number
  readonly subscribers: number
  /** Since the last report. */
  readonly cpuMicros: number
  readonly rssBytes: number
}

/** What a server is told: how many events to publish, and how many ms from one to the next. */
export interface Command {
  readonly events: number
  readonly everyMs: number
}

const CODINGS = {
  none: undefined,
  'gzip per stream': {},
  'gzip per stream, events isolated': { isolateEvents: true },
  'br per stream': { encodings: ['br'] },
  'zstd per stream': { encodings: ['zstd'] },
  'gzip, shared': {},
  'gzip, shared, events isolated': { isolateEvents: true },
} as const

const way = process.argv[2] as Way | undefined
if (way !== undefined) serve(way)

function serve(name: Way): void {
  const { listener, publish, subscribers } =
    name === 'createGzip per stream, by hand' ? createByHand() : createOurs(name)
  const server = createServer(listener).listen(0, '127.0.0.1', report)
  let cpu = process.cpuUsage()
  function report(): void {
    const { user, system } = process.cpuUsage(cpu)
    cpu = process.cpuUsage()
    const { port } = server.address() as AddressInfo
    const rssBytes = process.memoryUsage.rss()
    const said: ServerReport = {
      port,
      subscribers: subscribers(),
      cpuMicros: user + system,
      rssBytes,
    }
    process.send?.(said)
  }
  let published = 0
  const publishAll = async ({ events, everyMs }: Command): Promise<void> => {
    for (let count = 0; count < events; count += 1) {
      publish(published)
      published += 1
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
    report()
  }
  process.on('message', (command: Command) => void publishAll(command))
  process.on('disconnect', () => process.exit(0))
}

interface App {
  readonly listener: RequestListener
  publish(number: number): void
  subscribers(): number
}

function createOurs(name: keyof typeof CODINGS): App {
  const channel = createChannel()
  const coding = CODINGS[name]
  const compression = coding === undefined ? false : createCompression(coding as object)
  const sse = createSse({ compression })
  // A filter without a key makes a stream that has nothing in common with the others.
  const options = name.includes('per stream') ? { filter: () => true } : {}
  const follow = sse.handler((stream) => channel.subscribe(stream, options))
  return {
    listener: (req, res) => void follow(req, res),
    publish: (number) => void channel.publish(documentEvent(number)),
    subscribers: () => channel.stats().subscribers,
  }
}

/** What people write: a compressor for each response, flushed after each event. */
function createByHand(): App {
  const streams = new Set<ReturnType<typeof createGzip>>()
  return {
    listener(_req, res) {
      const gzip = createGzip()
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' })
      gzip.pipe(res)
      streams.add(gzip)
      res.on('close', () => {
        streams.delete(gzip)
        gzip.destroy()
      })
      res.flushHeaders()
    },
    publish(number) {
      const { event, data } = documentEvent(number)
      for (const gzip of streams) {
        gzip.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        gzip.flush(constants.Z_SYNC_FLUSH)
      }
    },
    subscribers: () => streams.size,
  }
}
