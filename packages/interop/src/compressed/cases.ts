import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '@sse/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canCertify } from '../adapters/certificate.ts'
import type { Client, ClientStream } from '../clients/client.ts'
import { findCaddy } from '../proxies/caddy.ts'
import { findNginx } from '../proxies/nginx.ts'
import type { Proxy } from '../proxies/proxy.ts'
import { type CompressedServer, PATH, startCompressedServer } from './server.ts'

const TIMEOUT_MS = 60_000
// Longer than a channel lets those wait who came late.
const JOIN_MS = 1_100

// Found with requireTool().
const nginx = findNginx()
const caddy = findCaddy()

/** What may stand between a client and the server; `undefined`: nothing. */
const FRONTS = [
  { name: 'without a proxy', program: undefined, file: '' },
  { name: 'through nginx as it is', program: nginx, file: 'plain.conf' },
  { name: 'through nginx with gzip', program: nginx, file: 'gzip.conf' },
  {
    name: 'through nginx with HTTP/2',
    program: canCertify ? nginx : undefined,
    file: 'streaming.conf',
  },
  { name: 'through Caddy', program: caddy, file: 'Caddyfile' },
].filter(({ program, file }) => program !== undefined || file === '')

/**
 * What a client has to get of a channel whose streams share their compressed bytes.
 *
 * @param isSkipped - Tells which of the proxies a client cannot speak to.
 */
export function defineCompressedCases(
  clients: readonly Client[],
  isSkipped: (client: Client, file: string) => boolean = () => false,
): void {
  describe.each(FRONTS)('$name', { timeout: TIMEOUT_MS }, ({ program, file }) => {
    let server: CompressedServer
    let proxy: Proxy | undefined
    beforeAll(async () => {
      server = await startCompressedServer()
      proxy = await program?.start(file, server.url)
    })
    afterAll(async () => {
      await proxy?.close()
      await server.close()
    })

    for (const client of clients) {
      it.skipIf(isSkipped(client, file))(
        `reach ${client.name} compressed, as they are published`,
        async () => {
          const { channel, encodings } = server
          const before = encodings.length
          const front = { url: proxy?.url ?? server.url, protocol: protocolOf(file) }
          const open = (path: string, lastEventId?: string): ClientStream =>
            client.open(front, path, lastEventId === undefined ? {} : { lastEventId })

          const streams = [open(PATH), open(PATH)]
          await opened(streams)
          const first = await publishTo(channel, streams, 20)
          // Comes late, with a replay before it.
          const resumed = open(`${PATH}?lastEventId=${first}`)
          await opened([resumed])
          await replayed(resumed, 19)
          streams.push(resumed)
          await publishTo(channel, streams, 5)
          // By now it may have the bytes of the others.
          await sleep(JOIN_MS)
          const late = open(PATH)
          await opened([late])
          streams.push(late)
          await publishTo(channel, streams, 20)

          expect(encodings.slice(before)).toEqual(['gzip', 'gzip', 'gzip', 'gzip'])
          for (const stream of streams) stream.close()
          await expect.poll(() => channel.stats().subscribers).toBe(0)
        },
      )
    }
  })
}

function protocolOf(file: string): 'http/1.1' | 'h2' {
  return file === 'streaming.conf' ? 'h2' : 'http/1.1'
}

async function opened(streams: readonly ClientStream[]): Promise<void> {
  for (const stream of streams) expect(await stream.next()).toEqual({ type: 'open' })
}

let count = 0

/** Publishes one event after the other, each when everybody has the one before. @returns the id of the first. */
async function publishTo(
  channel: Channel,
  streams: readonly ClientStream[],
  events: number,
): Promise<string> {
  let first = ''
  for (let left = events; left > 0; left -= 1) {
    count += 1
    const data = { number: count, text: `Some text that all events have in common, é ${count}` }
    const { id } = channel.publish({ event: 'token', data })
    first ||= id
    const expected = { type: 'event', event: 'token', data: JSON.stringify(data), id }
    for (const stream of streams) expect(await stream.next()).toEqual(expected)
  }
  return first
}

async function replayed(stream: ClientStream, events: number): Promise<void> {
  for (let left = events; left > 0; left -= 1) {
    expect(await stream.next()).toMatchObject({ type: 'event', event: 'token' })
  }
}
