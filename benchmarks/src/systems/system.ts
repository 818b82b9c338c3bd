import type { Server } from 'node:http'
import type { OverflowPolicy } from '@sse/core'

/** The data of an event. All are of one size, and are sent in the same bytes by every system. */
export interface TickData {
  readonly n: number
  /** When it was sent, or due, by `process.hrtime`: 19 digits. */
  readonly t: string
  readonly x: string
}

/** An event to send. */
export interface Tick {
  readonly id: string
  readonly data: TickData
}

/** The type of all events. */
export const EVENT = 'tick'

/** What raw systems and those whose API takes none set themselves. */
export const HEADERS = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' } as const

/** How a system is started. */
export interface SystemOptions {
  /** Off if absent. */
  readonly heartbeatMs?: number
  /** Whether each connection is sent events of its own. */
  readonly isDistinct?: boolean
  /** How many events to keep for those who come back. */
  readonly history?: number
  /** What a channel of ours does with a client that does not read. */
  readonly overflow?: OverflowPolicy
}

/** A server, built in the way its documentation shows, and what the harness asks of it. */
export interface SystemApp {
  /** Where it is no program of its own. */
  readonly server?: Server
  readonly port?: number
  /** Streams that are open. */
  clients(): number | Promise<number>
  /** Sends an event to all. */
  publish(tick: Tick): void
  /** Sends another event to each. */
  publishEach?(toTick: (index: number) => Tick): void
  /** Resolves when what was published is on its way, where `publish` alone does not say. */
  settled?(): Promise<void>
  /** Comes back after the first event that was published. */
  firstEventId?(): string
  /** The processes that do the work, where they are not this one. */
  pids?(): number[]
  stop?(): void
}

/** Makes a system. */
export type CreateSystem = (options: SystemOptions) => SystemApp | Promise<SystemApp>

/** An event as text. */
export function toBlock({ id, data }: Tick): string {
  return `event: ${EVENT}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}
