import { connect, type Socket } from 'node:net'
import type { ReaderStats } from './lab.ts'

/** Connections of the client in Node. */
export interface NodeGroup {
  start(): void
  pause(): void
  resume(): void
  /** What the data of an event must measure; 0: anything. */
  expect(dataBytes: number): void
  reset(): void
  /** Calls back when each connection has event `n`, when something is wrong, or at the end of the time. */
  wait(n: number, timeoutMs: number, done: () => void): void
  stats(): ReaderStats
  close(): void
}

/** What to open. */
export interface NodeGroupOptions {
  readonly port: number
  readonly path: string
  readonly count: number
  readonly concurrency: number
  /** The number of the event before the first; 0: any. */
  readonly from: number
  readonly lastEventId: string
  /** Whether to close each connection as soon as it has its head. */
  readonly isChurning: boolean
  onDeliveries(deliveries: number): void
  onReady(): void
}

// An event of `{"n":…,"t":"…","x":"…"}`, a comment, or the end of the head. What is between events is chunk sizes.
const PART =
  /data: ?(\{"n":(\d+),"t":"(\d{19})","x":"[^"\n]*"\})\n(?:[a-z]+:[^\n]*\n)*\n|\n:[^\n]*\n|\r\n\r\n/g
const LOOKS_EACH_MS = 2
const PERCENTS = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9, 99.99, 100]

interface Stream {
  readonly socket: Socket
  rest: string
  hasHead: boolean
  last: number
}

/** Opens connections, and checks what comes. */
export function createNodeGroup(options: NodeGroupOptions): NodeGroup {
  const { count, concurrency, isChurning } = options
  const streams = new Set<Stream>()
  let started = 0
  let ready = 0
  let target = -1
  let wanted = 0
  let isOver = false
  let busyMs = 0
  let sinceNs = process.hrtime.bigint()
  let latencies: number[] = []
  const zero = { closed: 0, deliveries: 0, bytes: 0, comments: 0, badOrder: 0, badSize: 0 }
  let counts = { ...zero, badHttp: 0, lastNs: 0 }

  function open(): void {
    const socket = connect(options.port, '127.0.0.1').setEncoding('latin1')
    const stream: Stream = { socket, rest: '', hasHead: false, last: options.from }
    streams.add(stream)
    started += 1
    socket.on('data', (text: string) => onData(stream, text))
    // An error is followed by `close`.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      streams.delete(stream)
      if (!isOver && !isChurning) counts.closed += 1
    })
    const id = options.lastEventId === '' ? '' : `Last-Event-ID: ${options.lastEventId}\r\n`
    socket.write(
      `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n${id}\r\n`,
    )
  }

  function openMore(): void {
    while (started < count && started - ready < concurrency) open()
  }

  function onHead(stream: Stream, text: string): void {
    stream.hasHead = true
    if (!text.startsWith('HTTP/1.1 200')) counts.badHttp += 1
    ready += 1
    if (isChurning) stream.socket.destroy()
    if (ready === count) options.onReady()
    openMore()
  }

  function onData(stream: Stream, chunk: string): void {
    const startedAt = performance.now()
    const nowNs = process.hrtime.bigint()
    counts.bytes += chunk.length
    const text = stream.rest + chunk
    let end = 0
    PART.lastIndex = 0
    for (let found = PART.exec(text); found !== null; found = PART.exec(text)) {
      end = PART.lastIndex
      const [part, data, n, sentNs] = found
      if (data !== undefined) onEvent(stream, data, Number(n), nowNs, sentNs as string)
      else if (part === '\r\n\r\n' && !stream.hasHead) onHead(stream, text)
      else if (part.startsWith('\n:')) counts.comments += 1
    }
    stream.rest = text.slice(end)
    options.onDeliveries(counts.deliveries)
    busyMs += performance.now() - startedAt
  }

  function onEvent(stream: Stream, data: string, n: number, nowNs: bigint, sentNs: string): void {
    if (wanted > 0 && data.length !== wanted) counts.badSize += 1
    if (stream.last > 0 && n !== stream.last + 1) counts.badOrder += 1
    stream.last = n
    counts.deliveries += 1
    counts.lastNs = Number(nowNs)
    latencies.push(Number(nowNs - BigInt(sentNs)) / 1_000)
  }

  const isComplete = (): boolean =>
    streams.size === count && [...streams].every(({ last }) => last === target)
  const isWrong = (): boolean =>
    counts.badOrder + counts.badSize + counts.badHttp + counts.closed > 0

  return {
    start: openMore,
    pause: () => streams.forEach(({ socket }) => socket.pause()),
    resume: () => streams.forEach(({ socket }) => socket.resume()),
    expect(dataBytes) {
      wanted = dataBytes
    },
    reset() {
      counts = { ...zero, badHttp: 0, lastNs: 0 }
      latencies = []
      busyMs = 0
      sinceNs = process.hrtime.bigint()
    },
    wait(n, timeoutMs, done) {
      target = n
      const deadline = performance.now() + timeoutMs
      const timer = setInterval(() => {
        if (!isComplete() && !isWrong() && performance.now() < deadline) return
        clearInterval(timer)
        done()
      }, LOOKS_EACH_MS)
    },
    stats() {
      const wallNs = Number(process.hrtime.bigint() - sinceNs)
      const busyNs = busyMs * 1e6
      const open = streams.size
      return {
        ...counts,
        open,
        busyNs,
        wallNs,
        isComplete: isComplete(),
        curve: curveOf(latencies),
      }
    },
    close() {
      isOver = true
      for (const { socket } of streams) socket.destroy()
    },
  }
}

function curveOf(latencies: readonly number[]): [number, number][] {
  const sorted = Float64Array.from(latencies).sort()
  if (sorted.length === 0) return []
  const at = (percent: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] as number
  return PERCENTS.map((percent) => [percent, at(percent)])
}
