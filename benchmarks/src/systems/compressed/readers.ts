import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import * as zlib from 'node:zlib'

/** Clients of one server. Most only count bytes; some decode what they get. */
export interface Readers {
  reset(): void
  /** Resolves when those that decode have so many events since `reset`, each the one after the last. */
  wait(events: number): Promise<void>
  bytes(): number
  close(): void
}

const DECODED = 3
const TIMEOUT_MS = 20_000
const NUMBER = /"number":(\d+)/g

/** Opens connections, some of which decode. */
export async function openReaders(
  port: number,
  count: number,
  isCompressed: boolean,
): Promise<Readers> {
  const accepted = isCompressed ? 'gzip, br, zstd' : 'identity'
  let bytes = 0
  const opened: Promise<unknown>[] = []
  const closes: (() => void)[] = []
  const samples: { events: number; next: number | undefined; isRight: boolean }[] = []
  for (let index = 0; index < count - DECODED; index += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.on('data', ({ length }) => {
      bytes += length
    })
    socket.on('error', () => undefined)
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accepted}\r\n\r\n`)
    opened.push(once(socket, 'data'))
    closes.push(() => socket.destroy())
  }
  for (let index = 0; index < DECODED; index += 1) {
    const request = get({ port, agent: false, headers: { 'accept-encoding': accepted } })
    request.on('error', () => undefined)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    if ((response.headers['content-encoding'] !== undefined) !== isCompressed) {
      throw new Error(`Content-Encoding: ${response.headers['content-encoding']}`)
    }
    const sample = { events: 0, next: undefined as number | undefined, isRight: true }
    samples.push(sample)
    let rest = ''
    response.on('data', ({ length }: Buffer) => {
      bytes += length
    })
    response.on('error', () => undefined)
    const decoder = decoderOf(response.headers['content-encoding'])
    decoder.on('error', () => undefined)
    response.pipe(decoder).on('data', (text: Buffer) => {
      const blocks = (rest + text.toString('latin1')).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const found of blocks.join('\n').matchAll(NUMBER)) {
        const number = Number(found[1])
        sample.isRight &&= sample.next === undefined || number === sample.next
        sample.next = number + 1
        sample.events += 1
      }
    })
    closes.push(() => request.destroy())
  }
  await Promise.all(opened)
  return {
    reset() {
      bytes = 0
      for (const sample of samples) sample.events = 0
    },
    async wait(events) {
      const deadline = performance.now() + TIMEOUT_MS
      while (samples.some((sample) => sample.events < events)) {
        if (performance.now() > deadline) throw new Error('Not every event arrived')
        await sleep(2)
      }
      if (samples.some(({ events: found, isRight }) => found !== events || !isRight)) {
        throw new Error('Events came twice, or out of order')
      }
    },
    bytes: () => bytes,
    close() {
      for (const close of closes) close()
    },
  }
}

function decoderOf(encoding: string | undefined): NodeJS.ReadWriteStream {
  if (encoding === 'br') return zlib.createBrotliDecompress()
  if (encoding === 'zstd') return zlib.createZstdDecompress()
  return encoding === 'gzip' ? zlib.createGunzip() : new PassThrough()
}
