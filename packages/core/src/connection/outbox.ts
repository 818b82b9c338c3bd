import { type Deferred, defer } from '../deferred.ts'
import type { SharedBytes, Sink } from '../sinks/sink.ts'
import type { Turns, TurnTask } from './turns.ts'

// Blocks are gathered up to this size before they are encoded and written in one go.
const GATHER_CHARACTERS = 16_384
// One write at most: so that progress of a slow client shows, and a large event is not copied whole.
const WRITE_BYTES = 65_536
// What one connection may write before the others get their turn.
const TURN_BYTES = 65_536

/**
 * Whole blocks on their way to the sink: gathered as text, then parked as bytes while it is full. The part of a connection
 * that writes: its `onTurnEnd` calls {@link turnEnded}.
 */
export interface Outbox extends TurnTask {
  readonly sink: Sink
  readonly turns: Turns
  readonly options: { readonly maxBufferedBytes: number }
  /** Blocks of this turn, not encoded yet. */
  text: string
  /** What the sink has no room for. */
  parked: Parked | undefined
  /** How much of what waits came from feeds, which stop by themselves: it is no fault of those who send. */
  exempt: number
  /** The sink said `false` and has not drained since. */
  isSinkFull: boolean
  /** The turn in which it said so. */
  fullTurn: number
  /** Bytes handed to the sink in this turn, and at the end of which turn they were last counted anew. */
  turnBytes: number
  countedTurn: number
  /** Bytes handed to the sink in all. */
  bytes: number
  /** Pending while something waits for room. */
  ready: Deferred<void> | undefined
}

/** Encoded bytes, in an array that may be longer. */
interface Parked {
  bytes: Uint8Array
  start: number
  end: number
  /** What they are, as long as others have the same. */
  share: SharedBytes | undefined
}

/** Whether the next block would have to wait: for the client, or for the next turn. */
export function isFull(outbox: Outbox): boolean {
  return outbox.isSinkFull || outbox.turnBytes >= TURN_BYTES || outbox.parked !== undefined
}

/** Whether the client had a whole turn to take something, and did not. Asked at the end of a turn. */
export function isStuck({ isSinkFull, fullTurn, turns }: Outbox): boolean {
  return isSinkFull && fullTurn < turns.count
}

/** Whether everything was handed to the sink. */
export function isEmpty(outbox: Outbox): boolean {
  return outbox.text === '' && outbox.parked === undefined
}

/** Whether more may wait. */
export function hasRoom(outbox: Outbox): boolean {
  return bufferedBytes(outbox) < outbox.options.maxBufferedBytes
}

/** Bytes held in memory for the client, here and in the sink. */
export function bufferedBytes({ parked, sink }: Outbox): number {
  return (parked === undefined ? 0 : parked.end - parked.start) + sink.bufferedBytes
}

/**
 * Takes a block. It leaves at the end of this turn, with whatever else the turn brings, or earlier when
 * that is much.
 *
 * @returns `false` if the block was not taken, because `maxBufferedBytes` would be exceeded.
 */
export function append(outbox: Outbox, block: string): boolean {
  if (isFull(outbox)) return park(outbox, block)
  outbox.text += block
  if (outbox.text.length >= Math.min(GATHER_CHARACTERS, outbox.options.maxBufferedBytes))
    flush(outbox)
  else outbox.turns.schedule(outbox)
  return true
}

/**
 * Hands over blocks that are encoded already and may be shared with other outboxes: they are not copied. Only
 * while it is not full.
 */
export function appendShared(outbox: Outbox, shared: SharedBytes): void {
  flush(outbox)
  if (outbox.parked === undefined) writeOrPark(outbox, shared)
  else parkBytes(outbox, shared.bytes)
  outbox.exempt = isFull(outbox) ? bufferedBytes(outbox) : 0
}

/** Hands over bytes at once. Only while nothing waits, here and in the sink: no turn has to be ended for them. */
export function writeAlone(outbox: Outbox, shared: SharedBytes): void {
  outbox.turnBytes = 0
  writeOrPark(outbox, shared)
}

/** Takes a last block, whatever the bounds: what ends a stream has to fit. */
export function appendLast(outbox: Outbox, block: string): void {
  if (outbox.parked === undefined) outbox.text += block
  else parkBytes(outbox, outbox.sink.encode(block).bytes)
}

/** Resolves when there is room again, or nothing to wait for any more. */
export function whenReady(outbox: Outbox): Promise<void> {
  outbox.ready ??= defer()
  return outbox.ready.promise
}

/** The task's turn ended: what was gathered leaves, and the next turn has room again. */
export function turnEnded(outbox: Outbox): void {
  // Once, however many ask at the end of the same turn: the connection itself, and the channels that it follows.
  if (outbox.countedTurn !== outbox.turns.count) {
    outbox.countedTurn = outbox.turns.count
    outbox.turnBytes = 0
  }
  flush(outbox)
}

/** The sink has room again. */
export function sinkDrained(outbox: Outbox): void {
  outbox.isSinkFull = false
  outbox.exempt = Math.min(outbox.exempt, bufferedBytes(outbox))
  flush(outbox)
}

/** Drops everything and lets go of those who wait. */
export function clear(outbox: Outbox): void {
  outbox.text = ''
  outbox.parked = undefined
  announceReady(outbox)
}

/** Hands over what the sink takes. */
export function flush(outbox: Outbox): void {
  if (isEmpty(outbox) && outbox.ready === undefined) return
  if (outbox.parked !== undefined) writeParked(outbox, outbox.parked)
  if (outbox.text !== '' && !isFull(outbox)) {
    const { text } = outbox
    outbox.text = ''
    if (!writeText(outbox, text)) writeOrPark(outbox, outbox.sink.encode(text))
  }
  if (!isFull(outbox)) announceReady(outbox)
  // Not the client but the turn is the limit: go on in the next one.
  else if (!outbox.isSinkFull) outbox.turns.schedule(outbox)
}

/** @returns whether the sink took it. */
function writeText(outbox: Outbox, text: string): boolean {
  const hasRoom = outbox.sink.writeText?.(text)
  if (hasRoom === undefined) return false
  outbox.bytes += text.length
  outbox.turnBytes += text.length
  if (!hasRoom) sinkFilled(outbox)
  return true
}

function sinkFilled(outbox: Outbox): void {
  outbox.isSinkFull = true
  outbox.fullTurn = outbox.turns.count
}

function writeOrPark(outbox: Outbox, shared: SharedBytes): void {
  const { bytes } = shared
  const start = write(outbox, bytes, 0, shared)
  if (start < bytes.length) parkBytes(outbox, bytes, start, shared)
}

function writeParked(outbox: Outbox, parked: Parked): void {
  parked.start = write(outbox, parked.bytes.subarray(0, parked.end), parked.start, parked.share)
  if (parked.start === parked.end) outbox.parked = undefined
}

/** Writes until the sink is full or the turn is over. @returns where in the bytes it has come to. */
function write(outbox: Outbox, bytes: Uint8Array, from: number, shared?: SharedBytes): number {
  let start = from
  while (start < bytes.length && !outbox.isSinkFull && outbox.turnBytes < TURN_BYTES) {
    const end = Math.min(start + WRITE_BYTES, bytes.length)
    outbox.bytes += end - start
    outbox.turnBytes += end - start
    const part = end - start === bytes.length ? bytes : bytes.subarray(start, end)
    if (!outbox.sink.write(part, shared, start)) sinkFilled(outbox)
    start = end
  }
  return start
}

function park(outbox: Outbox, block: string): boolean {
  const { bytes } = outbox.sink.encode(block)
  const buffered = Math.max(0, bufferedBytes(outbox) - outbox.exempt)
  // The first one passes: whoever waits for room could not know that there is none.
  const isFirst = outbox.parked === undefined || buffered === 0
  if (!isFirst && buffered + bytes.length > outbox.options.maxBufferedBytes) return false
  parkBytes(outbox, bytes)
  return true
}

// One growing array, not one small array for each event: those would cost more than they hold.
function parkBytes(outbox: Outbox, bytes: Uint8Array, start = 0, share?: SharedBytes): void {
  const { parked } = outbox
  if (parked === undefined) {
    outbox.parked = { bytes, start, end: bytes.length, share }
    return
  }
  const added = bytes.subarray(start)
  if (parked.end + added.length > parked.bytes.length) {
    const held = parked.bytes.subarray(parked.start, parked.end)
    const needed = held.length + added.length
    parked.bytes = new Uint8Array(growTo(needed, outbox.options.maxBufferedBytes))
    parked.bytes.set(held)
    parked.start = 0
    parked.end = held.length
    parked.share = undefined
  }
  parked.bytes.set(added, parked.end)
  parked.end += added.length
}

/** Twice what is needed, so that growing stays cheap, but no more than may ever be held. */
function growTo(needed: number, most: number): number {
  return Math.max(needed, Math.min(needed * 2, most))
}

function announceReady(outbox: Outbox): void {
  const { ready } = outbox
  outbox.ready = undefined
  ready?.resolve()
}
