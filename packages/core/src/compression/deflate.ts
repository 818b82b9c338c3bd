import * as zlib from 'node:zlib'
import { concat } from '../channel/event-log.ts'

// The most that a match may reach back (RFC 1951, section 2).
export const MAX_WINDOW_BYTES = 32_768

// What is so short is not worth a run of the compressor.
const STORED_BYTES = 16
// ID, method, no flags, no time, and a system that is not known (RFC 1952, section 2.3).
export const GZIP_HEADER: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)

// With nothing in it.
const LAST_BLOCK: Uint8Array = Uint8Array.of(3, 0)
const LF = 0x0a

const NOTHING: Uint8Array = new Uint8Array(0)

/**
 * Deflates bytes into blocks that end on a byte, so that they can be decoded as soon as they have arrived, and
 * others may follow them.
 *
 * @param before - Text that comes right before them in the stream, to which they may refer.
 */
export function deflate(bytes: Uint8Array, before: Uint8Array = NOTHING): Uint8Array {
  if (bytes.length <= STORED_BYTES) return store(bytes)
  const options = {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    // By default 16 KiB are set aside, however small the result is.
    chunkSize: Math.max(64, Math.min(bytes.length >> 1, 16_384)),
  }
  return before.length === 0
    ? zlib.deflateRawSync(bytes, options)
    : zlib.deflateRawSync(bytes, { ...options, dictionary: before })
}

/** Whether this runtime can deflate with text that came before. Deno 2 takes it, and does not use it. */
export function canReferBack(): boolean {
  const text = Buffer.from('Whatever comes before is what the text after it may refer to.')
  try {
    const [alone, after] = [deflate(text), deflate(text, text)]
    const body = concat([alone, after, LAST_BLOCK])
    return after.length < alone.length && zlib.inflateRawSync(body).equals(concat([text, text]))
  } catch {
    // What this runtime makes of it is no deflate stream.
    return false
  }
}

/** Deflates each event by itself: none can refer to another. */
export function deflateEach(bytes: Uint8Array): Uint8Array {
  const coded: Uint8Array[] = []
  let start = 0
  for (let at = 1; at < bytes.length; at += 1) {
    // A blank line, with which an event ends; none can be inside one.
    if (bytes[at] !== LF || bytes[at - 1] !== LF) continue
    coded.push(deflate(bytes.subarray(start, at + 1)))
    start = at + 1
  }
  if (start < bytes.length) coded.push(deflate(bytes.subarray(start)))
  return concat(coded)
}

/** A block that holds bytes as they are (RFC 1951, section 3.2.4). */
function store(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const block = new Uint8Array(5 + length)
  block[1] = length
  block[3] = ~length
  block[4] = 0xff
  block.set(bytes, 5)
  return block
}

/** The last block, the checksum and the size of all that went in (RFC 1952, section 2.3.1). */
export function gzipTrailer(checksum: number, size: number): Uint8Array {
  const trailer = new Uint8Array(10)
  trailer.set(LAST_BLOCK)
  const view = new DataView(trailer.buffer)
  view.setUint32(2, checksum >>> 0, true)
  view.setUint32(6, size >>> 0, true)
  return trailer
}
