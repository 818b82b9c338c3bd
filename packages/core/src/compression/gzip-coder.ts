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

/**
 * Gzip for one response: each write is deflated by itself, with a reference to what was written before, so that there
 * is no compressor to be kept, and what several streams are given can be deflated once for all of them.
 *
 * @param isIsolated - Whether no event may refer to another.
 */
export function createGzipCoder(isIsolated: boolean): CreateCoder {
  return (listener) => new GzipCoder(isIsolated, listener)
}

// A class, as there is one for each of many streams: what is delivered to many costs more time to find than to write.
class GzipCoder implements Coder, Place {
  readonly heldBytes = 0
  lineage: object | undefined = undefined
  step = 0
  since = 0
  heartbeats = 0
  /** What was written last, for what comes; `undefined`: a channel keeps that. */
  private recent: Recent | undefined
  /** Checksum and size of all that went in. */
  private sum = 0
  private size = 0
  private hasWritten = false
  private isOver = false
  private readonly isIsolated: boolean
  private readonly listener: CoderListener

  constructor(isIsolated: boolean, listener: CoderListener) {
    this.isIsolated = isIsolated
    this.listener = listener
    this.recent = isIsolated ? undefined : createRecent(WINDOW_BYTES, MAX_WINDOW_BYTES)
  }

  write(
    bytes: Uint8Array,
    shared: SharedBytes | undefined,
    start: number,
  ): SharedBytes | undefined {
    if (this.isOver) return undefined
    this.size += bytes.length
    const sequence = shared?.sequence
    if (shared === undefined || sequence === undefined) {
      this.sum = checksum(bytes, this.sum)
      return this.begun({ bytes: this.own(bytes) })
    }
    const share = pieceOf(shared, start, bytes)
    this.sum = checksumWith(share, this.sum)
    return this.begun(this.codedFor(share, sequence))
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    const trailer = this.begun({ bytes: gzipTrailer(this.sum, this.size) })
    this.listener.coded(trailer.bytes, 0)
    this.listener.ended()
  }

  release(): void {
    this.isOver = true
  }

  /** What others get too. */
  private codedFor(share: SharedBytes, sequence: Sequence): SharedBytes {
    if (this.isIsolated) return isolatedOf(share)
    // From now on the text that most of the stream consists of is kept by the channel.
    this.recent = undefined
    return nextShare(this, share, sequence)
  }

  private own(bytes: Uint8Array): Uint8Array {
    if (isHeartbeat(bytes)) this.heartbeats += 1
    else leaveLineage(this)
    if (this.isIsolated) return deflateEach(bytes)
    const coded = deflate(bytes, this.recent?.bytes())
    this.recent?.add(bytes)
    return coded
  }

  /** The header comes with the first bytes. */
  private begun(coded: SharedBytes): SharedBytes {
    if (this.hasWritten) return coded
    this.hasWritten = true
    return { bytes: concat([GZIP_HEADER, coded.bytes]) }
  }
}

function isHeartbeat(bytes: Uint8Array): boolean {
  return bytes.length === HEARTBEAT.length && bytes[0] === HEARTBEAT[0] && bytes[1] === HEARTBEAT[1]
}
