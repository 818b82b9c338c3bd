// What it costs to compress the streams of a channel, next to not compressing them.
//
// Method: each way is a server in a process of its own; they take turns in rounds whose order rotates, and each figure
// is a ratio to that of the uncompressed one in the same round. An event is published every so many ms, so that
// none waits for the one before; the client, another process, counts bytes, and one of its streams is decoded to see
// that every event arrives.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import { inRounds, median, range } from '../rounds.ts'
import { until } from '../until.ts'
import { type Command, type ServerReport, WAYS, type Way } from './server.ts'

const STREAMS = 500
const EVENTS = 40
const EVERY_MS = 100
const ROUNDS = 3
const WARM_UP_EVENTS = 10

interface Cost {
  readonly cpuMicros: number
  readonly wireBytes: number
  readonly streamKilobytes: number
}

/** Measures and prints. */
export async function benchCompression(): Promise<void> {
  const rounds = await inRounds(WAYS, ROUNDS, (way) => measure(way as Way))
  console.log(`\n${STREAMS} streams of a channel, ${EVENTS} events of some 650 bytes.\n`)
  console.log('| compression | CPU per delivery, µs | ratio | bytes | smaller by | KB a stream |')
  console.log('|---|---|---|---|---|---|')
  for (const way of WAYS) {
    const of = (key: keyof Cost): number[] => rounds.map((round) => round(way)[key])
    const ratios = (key: keyof Cost): number[] =>
      rounds.map((round) => round(way)[key] / round('none')[key])
    const smaller = ratios('wireBytes').map((ratio) => 1 / ratio)
    console.log(
      `| ${way} | ${median(of('cpuMicros')).toFixed(1)} | ${range(ratios('cpuMicros'))} ` +
        `| ${Math.round(median(of('wireBytes')))} | ${median(smaller).toFixed(1)} ` +
        `| ${Math.round(median(of('streamKilobytes')))} |`,
    )
  }
}

async function measure(way: Way): Promise<Cost> {
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [way])
  const { port, rssBytes } = await nextReport(server)
  const sample = await openSample(port)
  let received = 0
  const sockets: Socket[] = []
  for (let opened = 1; opened < STREAMS; opened += 1) {
    const socket = connect(port, '127.0.0.1').on('data', ({ length }) => {
      received += length
    })
    const accepted = 'Accept-Encoding: gzip, br, zstd'
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${way === 'none' ? '' : `${accepted}\r\n`}\r\n`)
    sockets.push(socket)
  }
  await until('all follow', async () => (await ask(server, 0)).subscribers === STREAMS)
  await ask(server, WARM_UP_EVENTS)
  await until('the warm-up has arrived', () => sample.events() === WARM_UP_EVENTS)
  const before = received
  await ask(server, 0)
  const { cpuMicros, rssBytes: used } = await ask(server, EVENTS)
  await until('all has arrived', () => sample.events() === WARM_UP_EVENTS + EVENTS)
  for (const socket of sockets) socket.destroy()
  sample.close()
  server.disconnect()
  await once(server, 'exit')
  return {
    cpuMicros: cpuMicros / EVENTS / STREAMS,
    wireBytes: (received - before) / EVENTS / (STREAMS - 1),
    streamKilobytes: (used - rssBytes) / STREAMS / 1_024,
  }
}

async function ask(server: ChildProcess, events: number): Promise<ServerReport> {
  const command: Command = { events, everyMs: EVERY_MS }
  server.send(command)
  return nextReport(server)
}

async function nextReport(server: ChildProcess): Promise<ServerReport> {
  const [report] = (await once(server, 'message')) as [ServerReport]
  return report
}

async function openSample(port: number): Promise<{ events(): number; close(): void }> {
  const headers = { 'accept-encoding': 'gzip, br, zstd' }
  const request = get({ port, headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const decoder = decoderOf(response.headers['content-encoding'])
  let text = ''
  response.pipe(decoder).on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
  })
  decoder.on('error', () => undefined)
  response.on('error', () => undefined)
  return {
    events: () => text.split('event: update').length - 1,
    close: () => void request.destroy(),
  }
}

function decoderOf(encoding: string | undefined): NodeJS.ReadWriteStream {
  if (encoding === 'br') return zlib.createBrotliDecompress()
  if (encoding === 'zstd') return zlib.createZstdDecompress()
  return encoding === 'gzip' ? zlib.createGunzip() : new PassThrough()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchCompression()
