import { concat } from '../channel/event-log.ts'
import type { Sequence, SharedBytes } from '../sinks/sink.ts'
import { HEARTBEAT } from '../wire/heartbeat.ts'
import { checksum } from './checksum.ts'
import { checksumWith, isolatedOf, pieceOf } from './coded-share.ts'
import type { Coder, CoderListener, CreateCoder } from './coder.ts'
import { deflate, deflateEach, GZIP_HEADER, gzipTrailer, MAX_WINDOW_BYTES } from './deflate.ts'
import { leaveLineage, nextShare, type Place } from './lineage.ts'
import { createRecent, type Recent } from './recent.ts'

// What one stream keeps for itself. Four times as much would take twice the time for a hundredth of the bytes.
const WINDOW_BYTES = 8_192

/** One response. All in one record: what is delivered to many costs more time to find than to write. */
interface Gzip extends Place {
  readonly isIsolated: boolean
  /** What was written last, for what comes; `undefined`: a channel keeps that. */
  recent: Recent | undefined
  /** Checksum and size of all that went in. */
  sum: number
  size: number
  hasWritten: boolean
  isOver: boolean
}

/**
 * Gzip for one response: each write is deflated by itself, with a reference to what was written before, so that there
 * is no compressor to be kept, and what several streams are given can be deflated once for all of them.
 *
 * @param isIsolated - Whether no event may refer to another.
 */
export function createGzipCoder(isIsolated: boolean): CreateCoder {
  return (listener) => {
    const gzip: Gzip = {
      isIsolated,
      recent: isIsolated ? undefined : createRecent(WINDOW_BYTES, MAX_WINDOW_BYTES),
      lineage: undefined,
      step: 0,
      since: 0,
      heartbeats: 0,
      sum: 0,
      size: 0,
      hasWritten: false,
      isOver: false,
    }
    const coder: Coder = {
      heldBytes: 0,
      write: (bytes, shared, start) => write(gzip, bytes, shared, start),
      end: () => end(gzip, listener),
      release() {
        gzip.isOver = true
      },
    }
    return coder
  }
}

function write(
  gzip: Gzip,
  bytes: Uint8Array,
  shared: SharedBytes | undefined,
  start: number,
): SharedBytes | undefined {
  if (gzip.isOver) return undefined
  gzip.size += bytes.length
  const sequence = shared?.sequence
  if (shared === undefined || sequence === undefined) {
    gzip.sum = checksum(bytes, gzip.sum)
    return begun(gzip, { bytes: own(gzip, bytes) })
  }
  const share = pieceOf(shared, start, bytes)
  gzip.sum = checksumWith(share, gzip.sum)
  return begun(gzip, codedFor(gzip, share, sequence))
}

/** What others get too. */
function codedFor(gzip: Gzip, share: SharedBytes, sequence: Sequence): SharedBytes {
  if (gzip.isIsolated) return isolatedOf(share)
  // From now on the text that most of the stream consists of is kept by the channel.
  gzip.recent = undefined
  return nextShare(gzip, share, sequence)
}

function own(gzip: Gzip, bytes: Uint8Array): Uint8Array {
  if (isHeartbeat(bytes)) gzip.heartbeats += 1
  else leaveLineage(gzip)
  if (gzip.isIsolated) return deflateEach(bytes)
  const coded = deflate(bytes, gzip.recent?.bytes())
  gzip.recent?.add(bytes)
  return coded
}

/** The header comes with the first bytes. */
function begun(gzip: Gzip, coded: SharedBytes): SharedBytes {
  if (gzip.hasWritten) return coded
  gzip.hasWritten = true
  return { bytes: concat([GZIP_HEADER, coded.bytes]) }
}

function end(gzip: Gzip, listener: CoderListener): void {
  if (gzip.isOver) return
  gzip.isOver = true
  listener.coded(begun(gzip, { bytes: gzipTrailer(gzip.sum, gzip.size) }).bytes, 0)
  listener.ended()
}

function isHeartbeat(bytes: Uint8Array): boolean {
  return bytes.length === HEARTBEAT.length && bytes[0] === HEARTBEAT[0] && bytes[1] === HEARTBEAT[1]
}
