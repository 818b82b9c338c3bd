// A server whose streams all get what is published, by hand or by a channel of ours.
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createChannel } from '@sse/core'
import { createSse } from '@sse/core/node'

/** What it is told: to publish, or only to answer. */
export interface FeedQuestion {
  readonly ticks?: number
  readonly perTick?: number
}

export interface FeedAnswer {
  readonly port: number
  readonly streams: number
  /** In use after a collection. */
  readonly heapBytes: number
}

interface Feed {
  readonly listener: RequestListener
  publish(data: object): void
  streams(): number
}

const FIRST_NUMBER = 1_000_000
const DATA = 'x'.repeat(80)

const { isOurs } = JSON.parse(process.argv[2] ?? '') as { isOurs: boolean }
const { listener, publish, streams } = isOurs ? ourFeed() : rawFeed()
const server = createServer(listener)
let published = 0

server.listen(0, '127.0.0.1', answer)
process.on('message', (question: FeedQuestion) => void publishAll(question).then(answer))
process.on('disconnect', () => process.exit(0))

async function publishAll({ ticks = 0, perTick = 1 }: FeedQuestion): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) {
    for (let count = 0; count < perTick; count += 1) {
      publish({ n: FIRST_NUMBER + published, x: DATA })
      published += 1
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function answer(): void {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const { port } = server.address() as AddressInfo
  process.send?.({ port, streams: streams(), heapBytes: heapUsed + external } satisfies FeedAnswer)
}

function ourFeed(): Feed {
  const channel = createChannel()
  const handler = createSse().handler((stream) => channel.subscribe(stream))
  return {
    listener: (req, res) => void handler(req, res),
    publish: (data) => void channel.publish({ data }),
    streams: () => channel.stats().subscribers,
  }
}

/** What people write by hand: a set of responses, and `res.write` to each of them. */
function rawFeed(): Feed {
  const followers = new Set<ServerResponse>()
  return {
    listener: (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      followers.add(res)
      res.on('close', () => followers.delete(res))
    },
    publish(data) {
      const block = `data: ${JSON.stringify(data)}\n\n`
      for (const res of followers) res.write(block)
    },
    streams: () => followers.size,
  }
}
