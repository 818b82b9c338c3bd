// A server in a process of its own, whose streams all follow one channel.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, createGzip } from 'node:zlib'
import { createChannel } from '@sse/core'
import { type CompressionOptions, createCompression } from '@sse/core/compression'
import { createSse } from '@sse/core/node'
import { EVENTS, type EventKind } from './events.ts'

interface OurWay {
  readonly compression: CompressionOptions | undefined
  readonly isShared: boolean
}

/** How the streams of a server are compressed. */
export type Way = keyof typeof WAYS

const WAYS = {
  'not compressed': { compression: undefined, isShared: true },
  'createGzip by hand': undefined,
  '@sse/core gzip, shared': { compression: {}, isShared: true },
  '@sse/core gzip, shared, events isolated': {
    compression: { isolateEvents: true },
    isShared: true,
  },
  '@sse/core gzip for each': { compression: {}, isShared: false },
  '@sse/core br for each': { compression: { encodings: ['br'] }, isShared: false },
  '@sse/core zstd for each': { compression: { encodings: ['zstd'] }, isShared: false },
} satisfies Readonly<Record<string, OurWay | undefined>>

/** What a server is told. */
export interface Command {
  readonly kind: EventKind
  readonly events: number
  /** How many ms from one event to the next. */
  readonly everyMs: number
}

/** What a server says of itself. */
export interface ServerReport {
  readonly port: number
  readonly subscribers: number
}

const { way } = JSON.parse(process.argv[2] ?? '{}') as { readonly way: Way }
const app = way === 'createGzip by hand' ? createByHand() : createOurs(WAYS[way])
const server = createServer(app.listener).listen(0, '127.0.0.1', 4_096, report)
let published = 0
process.on('message', (command: Command) => void publishAll(command).then(report))
process.on('disconnect', () => process.exit(0))

function report(): void {
  const { port } = server.address() as AddressInfo
  process.send?.({ port, subscribers: app.subscribers() } satisfies ServerReport)
}

async function publishAll({ kind, events, everyMs }: Command): Promise<void> {
  for (let count = 0; count < events; count += 1) {
    app.publish(EVENTS[kind](published))
    published += 1
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

interface App {
  readonly listener: RequestListener
  publish(event: { readonly event: string; readonly data: object }): void
  subscribers(): number
}

function createOurs({ compression, isShared }: OurWay): App {
  const channel = createChannel()
  const sse = createSse({ compression: compression ? createCompression(compression) : false })
  // A filter without a key makes a stream that has nothing in common with the others.
  const options = isShared ? {} : { filter: () => true }
  const follow = sse.handler((stream) => channel.subscribe(stream, options))
  return {
    listener: (req, res) => void follow(req, res),
    publish: (event) => void channel.publish(event),
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
    publish({ event, data }) {
      for (const gzip of streams) {
        gzip.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        gzip.flush(constants.Z_SYNC_FLUSH)
      }
    },
    subscribers: () => streams.size,
  }
}
