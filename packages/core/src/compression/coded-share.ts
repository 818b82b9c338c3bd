import type { SharedBytes } from '../sinks/sink.ts'
import { checksum, joinChecksums, shiftOf } from './checksum.ts'
import { deflate, deflateEach } from './deflate.ts'

/** What was made of a share, which is what several streams are given, for those of them who need it next. */
export interface CodedShare {
  /** What it is a part of. That may be over, and its channel have another by now. */
  lineage: object | undefined
  /** Which part it is. */
  step: number
  /** The reset from which on a stream must have the same text. */
  resetStep: number
  /** How many heartbeats came between it and the part before. */
  heartbeats: number
  /** For those who have the same text since then. */
  joined: SharedBytes | undefined
  /** For all others: compressed without what came before. */
  alone: SharedBytes | undefined
  /** The same, and each event by itself. */
  isolated: SharedBytes | undefined
  /** The pieces in which it leaves, by where they begin, if it does not leave in one. */
  pieces: Map<number, SharedBytes> | undefined
  /** Its checksum, and what it does to that of what comes before; `undefined`: not known yet. */
  sum: number | undefined
  shift: number
}

/** What was made of a share so far. */
export function codedOf(share: SharedBytes): CodedShare {
  share.compressed ??= {
    lineage: undefined,
    step: 0,
    resetStep: 0,
    heartbeats: 0,
    joined: undefined,
    alone: undefined,
    isolated: undefined,
    pieces: undefined,
    sum: undefined,
    shift: 0,
  } satisfies CodedShare
  return share.compressed as CodedShare
}

/** A share compressed without what came before. */
export function aloneOf(share: SharedBytes): SharedBytes {
  const coded = codedOf(share)
  coded.alone ??= { bytes: deflate(share.bytes) }
  return coded.alone
}

/** A share of which each event is compressed by itself. */
export function isolatedOf(share: SharedBytes): SharedBytes {
  const coded = codedOf(share)
  coded.isolated ??= { bytes: deflateEach(share.bytes) }
  return coded.isolated
}

/** The piece of a share that begins at `start`: a share like any other. */
export function pieceOf(share: SharedBytes, start: number, bytes: Uint8Array): SharedBytes {
  if (bytes.length === share.bytes.length) return share
  const { sequence, from = 0, to = 0 } = share
  const coded = codedOf(share)
  coded.pieces ??= new Map()
  const known = coded.pieces.get(start)
  if (known?.bytes.length === bytes.length) return known
  // The places of its pieces lie between those of the share.
  const at = (position: number): number => from + ((to - from) * position) / share.bytes.length
  const ends = { from: at(start), to: at(start + bytes.length) }
  const piece = { bytes, ...ends, ...(sequence === undefined ? {} : { sequence }) }
  coded.pieces.set(start, piece)
  return piece
}

/** The checksum of what comes before and a share after it. */
export function checksumWith(share: SharedBytes, before: number): number {
  const coded = codedOf(share)
  if (coded.sum === undefined) {
    coded.sum = checksum(share.bytes, 0)
    coded.shift = shiftOf(share.bytes.length)
  }
  return joinChecksums(before, coded.shift, coded.sum)
}
