import type { Sequence, SharedBytes } from '../sinks/sink.ts'
import { HEARTBEAT } from '../wire/heartbeat.ts'
import { aloneOf, type CodedShare, codedOf } from './coded-share.ts'
import { deflate, MAX_WINDOW_BYTES } from './deflate.ts'
import { createRecent, type Recent } from './recent.ts'

// How long somebody who came later waits at most to get the bytes of the others: of text, and of time.
const RESET_AFTER_BYTES = 32_768
const RESET_AFTER_MS = 1_000

/**
 * The text that most streams of a channel get, share after share, compressed once for all of them. Each share is
 * deflated with the text before it, back to the last reset; at a reset with none.
 *
 * Who may get these bytes is no matter of trust: a decompressor that has seen the same text since a reset is in the
 * same state, whatever came before that, and however it was compressed.
 */
interface Lineage {
  /** The text since the last reset, as far as it can be referred to. */
  readonly recent: Recent
  /** How many shares it has. They are counted from 1. */
  steps: number
  /** Which of them was the last reset; when it was, and how much text has come since. */
  resetStep: number
  resetAt: number
  bytesSinceReset: number
  /** Somebody waits for a reset. */
  isResetWanted: boolean
  /** Where the last share ended. */
  to: number
  /** The last one that it did not get, because none of those who came by had the share before. */
  passed: CodedShare | undefined
}

/** How far a stream has come in a lineage. */
export interface Place {
  /** `undefined`: the last thing that it got was of none. */
  lineage: object | undefined
  /** The last share that it got. */
  step: number
  /** The share from which on it got nothing else. */
  since: number
  /** The heartbeats that it got after the last share. */
  heartbeats: number
}

/** The stream got something that the lineage does not have. */
export function leaveLineage(place: Place): void {
  place.lineage = undefined
}

/** The compressed bytes of a share for a stream that is at this place, which moves on. */
export function nextShare(place: Place, share: SharedBytes, sequence: Sequence): SharedBytes {
  const lineage = (sequence.compressed ??= createLineage()) as Lineage
  const coded = codedOf(share)
  if (coded.lineage === undefined) extend(lineage, coded, share, place)
  if (moveOn(place, coded) && coded.joined !== undefined) return coded.joined
  // Only who got the share before as well: a stream that always gets something in between would have one made for
  // every share, and never make use of it.
  if (coded.lineage === lineage && place.since < coded.step) lineage.isResetWanted = true
  return aloneOf(share)
}

/** Notes what the stream gets. @returns whether it has had all that the joined bytes refer to, and nothing else. */
function moveOn(place: Place, { lineage, step, resetStep, heartbeats }: CodedShare): boolean {
  const follows =
    place.lineage === lineage && place.step === step - 1 && place.heartbeats === heartbeats
  if (!follows) place.since = step
  place.lineage = lineage
  place.step = step
  place.heartbeats = 0
  return lineage !== undefined && place.since <= resetStep
}

function createLineage(): Lineage {
  return {
    recent: createRecent(MAX_WINDOW_BYTES, MAX_WINDOW_BYTES),
    steps: 0,
    resetStep: 0,
    resetAt: -Infinity,
    bytesSinceReset: 0,
    isResetWanted: false,
    to: -Infinity,
    passed: undefined,
  }
}

/**
 * Makes a share part of the lineage, if it follows on it: a stream that has the last share knows that. Where there is
 * none any more, so that nobody took up the share before either, it begins anew.
 */
function extend(lineage: Lineage, coded: CodedShare, share: SharedBytes, place: Place): void {
  const { bytes, from = 0, to = 0 } = share
  const isAtEnd = place.lineage === lineage && place.step === lineage.steps
  if (!isAtEnd) {
    // One that is behind would take everybody else back.
    if (from < lineage.to) return
    const { passed } = lineage
    lineage.passed = coded
    // Somebody else may still come who is at the end.
    if (lineage.steps > 0 && (passed === undefined || passed.lineage !== undefined)) return
    if (passed === coded) return
    lineage.isResetWanted = true
  }
  const now = performance.now()
  const mayReset =
    lineage.bytesSinceReset >= RESET_AFTER_BYTES || now - lineage.resetAt >= RESET_AFTER_MS
  if (!isAtEnd && !mayReset) return
  lineage.passed = undefined
  lineage.steps += 1
  lineage.to = to
  if (lineage.isResetWanted && mayReset) {
    reset(lineage, now)
    coded.joined = aloneOf(share)
  } else {
    coded.heartbeats = place.heartbeats
    for (let each = 0; each < place.heartbeats; each += 1) lineage.recent.add(HEARTBEAT)
    coded.joined = { bytes: deflate(bytes, lineage.recent.bytes()) }
  }
  coded.lineage = lineage
  coded.step = lineage.steps
  coded.resetStep = lineage.resetStep
  lineage.recent.add(bytes)
  lineage.bytesSinceReset += bytes.length
}

function reset(lineage: Lineage, now: number): void {
  lineage.recent.clear()
  lineage.resetStep = lineage.steps
  lineage.resetAt = now
  lineage.bytesSinceReset = 0
  lineage.isResetWanted = false
}
