import { OutgoingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SharedBytes } from './sink.ts'

const { write, end } = OutgoingMessage.prototype
// What was put there before this module was loaded, by `--import` perhaps, looks like the method of Node by now, but for
// what it does.
const isNodes = /\bwrite_\(this, chunk, encoding, callback, false\)/.test(String(write))
const CRLF = '\r\n'
// Node hands a string of up to 16 KiB to the system without an allocation.
const MAX_TEXT_BYTES = 16_000

/**
 * The socket of a response, if an HTTP/1.1 chunk that is written to it now is what `res.write` would write, and
 * nothing but that; otherwise `undefined`. `res.write` writes each chunk in four pieces, and frames it anew for every
 * stream; past it, it is one piece, the same for all. What that saves: `docs/decisions/014`.
 *
 * It is right only while nobody else would have to see the bytes, and nothing is on its way that they would
 * overtake; that is looked at for each write.
 */
export function socketForChunks(res: ServerResponse): Socket | undefined {
  const { socket } = res
  const isPlain =
    socket !== null &&
    // Nobody looks at what is written, as compression does.
    isNodes &&
    res.write === write &&
    res.end === end &&
    res.chunkedEncoding &&
    !res.writableEnded &&
    // Nothing waits in the response: it has its socket, and hands on at once what is written to it.
    res.writableCorked === 0 &&
    socket.writable
  return isPlain ? socket : undefined
}

/**
 * Calls back once, when a socket that had no room for a chunk has room again.
 *
 * @returns what stops to wait.
 */
export function onceDrained(socket: Socket, callback: () => void): () => void {
  const stop = (): void => void socket.off('drain', onDrain)
  const onDrain = (): void => {
    // The response is told first, and may have filled it again.
    if (socket.writableNeedDrain) return
    stop()
    callback()
  }
  socket.on('drain', onDrain)
  return stop
}

/**
 * Writes a chunk to a socket that {@link socketForChunks} gave: that of a text, or of bytes.
 *
 * @returns whether there is room for more.
 */
export function writeChunk(socket: Socket, whole: string | SharedBytes): boolean {
  if (typeof whole === 'string') socket.write(whole, 'latin1')
  else socket.write((whole.chunk ??= chunkOf(whole.bytes)))
  // Not what `write` returns: one that was wrapped may return nothing.
  return !socket.writableNeedDrain
}

/** The chunk of a short text, if each of its characters is one byte in UTF-8: Node writes it as it is. */
export function textChunkOf(text: string): string | undefined {
  const { length } = text
  if (length > MAX_TEXT_BYTES || Buffer.byteLength(text) !== length) return undefined
  return headOf(length) + text + CRLF
}

/** The chunk of some bytes. */
export function chunkOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const head = headOf(length)
  const chunk = Buffer.allocUnsafe(head.length + length + CRLF.length)
  chunk.write(head, 0, 'latin1')
  chunk.set(bytes, head.length)
  chunk.write(CRLF, head.length + length, 'latin1')
  return chunk
}

/** Text as bytes and, around the same bytes, as a chunk. */
export function encodeWithChunk(text: string): SharedBytes {
  const length = Buffer.byteLength(text)
  const head = headOf(length)
  const end = head.length + length
  const chunk = Buffer.allocUnsafe(end + CRLF.length)
  chunk.write(head, 0, 'latin1')
  chunk.write(text, head.length, 'utf8')
  chunk.write(CRLF, end, 'latin1')
  return { bytes: chunk.subarray(head.length, end), chunk }
}

function headOf(length: number): string {
  return length.toString(16) + CRLF
}
