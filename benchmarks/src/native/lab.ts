import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFilesAllowed } from '../load/open-files.ts'
import { buildNative } from './build.ts'
import { type LineProcess, startLineProcess } from './line-process.ts'
import { CORES, pinTo } from './pin.ts'

/** What the reader saw of a group of connections since it was last reset. */
export interface ReaderStats {
  readonly open: number
  readonly closed: number
  readonly deliveries: number
  readonly bytes: number
  readonly comments: number
  /** Events that did not follow the one before; that were not whole; and answers that were no event stream. */
  readonly badOrder: number
  readonly badSize: number
  readonly badHttp: number
  /** When the last event came, by `process.hrtime`. */
  readonly lastNs: number
  /** Time it spent with reading and checking, out of all. */
  readonly busyNs: number
  readonly wallNs: number
  /** Whether all have the event that was waited for. */
  readonly isComplete: boolean
  /** Percentiles of the latency: percent and µs. */
  readonly curve: readonly (readonly [number, number])[]
}

/** How connections are opened. */
export interface OpenOptions {
  readonly path?: string
  /** How many at once. */
  readonly concurrency?: number
  readonly lastEventId?: string
  /** The number of the event before the first one that they are to get. */
  readonly from?: number
  /** What the data of each event must measure; 0: anything. */
  readonly dataBytes?: number
  /** How much the kernel may hold for a client that does not read; 0: as it likes. */
  readonly receiveBytes?: number
}

/** Connections to one server. */
export interface Group {
  /** Which of the shared counters is theirs. */
  readonly slot: number
  readonly count: number
  /** Reads this group, and no other. What comes for the others waits in the kernel. */
  activate(): void
  /** Sets the counters to zero, and what the data of an event must measure; 0: anything. */
  reset(dataBytes: number): Promise<void>
  /** Resolves when each has event `n`, or when something is wrong. */
  wait(n: number, timeoutMs?: number): Promise<ReaderStats>
  stats(): Promise<ReaderStats>
  close(): Promise<void>
}

/** The clients of a run: one process where it may have enough open files, or several of which one works at a time. */
export interface Lab {
  readonly counters: string
  readonly isNative: boolean
  open(port: number, count: number, options?: OpenOptions): Promise<Group>
  /** Opens connections one after the other, so many at once, and closes each as soon as its head is there. */
  churn(port: number, count: number, options?: OpenOptions): Promise<ReaderStats>
  /** Reads nothing at all. */
  rest(): void
  stop(): Promise<void>
}

interface Reader {
  readonly process: LineProcess
  connections: number
}

// The kernel's queue of connections that wait to be accepted may be short.
const CONCURRENCY = 64
const OTHER_FILES = 100
const TIMEOUT_MS = 30_000
const SLOTS = 64

/** Starts the clients. */
export function createLab(): Lab {
  const folder = mkdtempSync(join(tmpdir(), 'sse-bench-'))
  const counters = join(folder, 'counters')
  writeFileSync(counters, Buffer.alloc(SLOTS * 8))
  const native = buildNative('reader')
  const nodeReader = fileURLToPath(new URL('node-reader.ts', import.meta.url))
  const program = native === undefined ? [process.execPath, nodeReader] : [native]
  const readers: Reader[] = []
  const slots = Array.from({ length: SLOTS }, (_, index) => index)

  async function readerFor(connections: number): Promise<Reader> {
    const most = openFilesAllowed() - OTHER_FILES
    const known = readers.find((reader) => reader.connections + connections <= most)
    if (known !== undefined) return known
    const { process } = await startLineProcess([...pinTo(CORES.reader), ...program, counters])
    const reader = { process, connections: 0 }
    readers.push(reader)
    return reader
  }

  function stopOthers(reader: Reader | undefined): void {
    for (const other of readers) if (other !== reader) other.process.tell('stop')
  }

  function openGroup(reader: Reader, slot: number, count: number): Group {
    const { process } = reader
    return {
      slot,
      count,
      activate() {
        stopOthers(reader)
        process.tell(`run ${slot}`)
      },
      async reset(dataBytes) {
        process.tell(`size ${slot} ${dataBytes}`)
        await process.ask(`reset ${slot}`)
      },
      wait: (n, timeoutMs = TIMEOUT_MS) => process.ask(`wait ${slot} ${n} ${timeoutMs}`),
      stats: () => process.ask(`stats ${slot}`),
      async close() {
        await process.ask(`close ${slot}`)
        reader.connections -= count
        slots.push(slot)
      },
    }
  }

  async function start(command: string, port: number, count: number, options: OpenOptions) {
    const { path = '/', concurrency = CONCURRENCY, from = 0, lastEventId = '-' } = options
    const { dataBytes = 0, receiveBytes = 0 } = options
    const reader = await readerFor(command === 'churn' ? concurrency : count)
    const slot = slots.shift() as number
    stopOthers(reader)
    reader.process.tell(`size ${slot} ${dataBytes}`)
    const stats = await reader.process.ask<ReaderStats>(
      `${command} ${slot} ${port} ${path} ${count} ${concurrency} ${from} ${lastEventId} ${receiveBytes}`,
    )
    return { reader, slot, stats }
  }

  return {
    counters,
    isNative: native !== undefined,
    async open(port, count, options = {}) {
      const { reader, slot } = await start('open', port, count, options)
      reader.connections += count
      return openGroup(reader, slot, count)
    },
    async churn(port, count, options = {}) {
      const { reader, slot, stats } = await start('churn', port, count, options)
      await reader.process.ask(`close ${slot}`)
      slots.push(slot)
      return stats
    },
    rest: () => stopOthers(undefined),
    async stop() {
      await Promise.all(readers.map(({ process }) => process.stop()))
      rmSync(folder, { recursive: true })
    },
  }
}
