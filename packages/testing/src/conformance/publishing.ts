import type { Channel } from '@sse/core'
import type { ReceivedEvent } from '../client/received-event.ts'
import { nextTurn } from '../clock.ts'
import { FLOOD_TEXT } from './scenarios/floods.ts'

/** The numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Publishes an event for each of these numbers, all in this turn. @returns their ids. */
export function publishNumbers(channel: Channel, first: number, last: number): string[] {
  return range(first, last).map((number) => channel.publish(String(number)).id)
}

/** Publishes an event that carries a number and is large enough to fill buffers. */
export function publishLarge(channel: Channel, number: number, key?: string): void {
  channel.publish(`${number} ${FLOOD_TEXT}`, { key })
}

/** Publishes such events in a turn each, which no client holds up. */
export async function publishFlood(channel: Channel, first: number, last: number): Promise<void> {
  for (const number of range(first, last)) {
    publishLarge(channel, number)
    await nextTurn()
  }
}

/** The number that an event carries. */
export function numberOf({ data }: ReceivedEvent): number {
  return Number.parseInt(data, 10)
}

/** The data of a gap event; fails for any other. */
export function gapOf({ event, data }: ReceivedEvent): {
  readonly reason: string
  readonly lost: number | null
  readonly continuesAfter: string | null
} {
  if (event !== 'gap') throw new Error(`expected a gap event, got ${event}: ${data.slice(0, 80)}`)
  return JSON.parse(data)
}
