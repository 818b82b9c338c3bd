import { OutgoingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const { write, end } = OutgoingMessage.prototype
const CRLF: Buffer = Buffer.from('\r\n')

// The bytes that a channel hands to all its streams are framed once for all of them.
const framed = new Map<Uint8Array, Buffer>()

/** Writes to the socket below a response. */
export interface DirectWrites {
  /** @returns what `socket.write` returns, or `undefined`: only `res.write` may be used now. */
  write(bytes: Uint8Array): boolean | undefined
  release(): void
}

/**
 * Writes HTTP/1.1 chunks past the response, to its socket. `res.write` writes each chunk in four pieces, and
 * frames it anew for every stream; this is one piece, the same for all. What it saves: `docs/decisions/014`.
 *
 * It is right only while nobody else would have to see the bytes, and nothing is on its way that they would
 * overtake; that is looked at for each write.
 *
 * @param onDrain - There is room again.
 */
export function createDirectWrites(res: ServerResponse, onDrain: () => void): DirectWrites {
  let watched: Socket | undefined
  const drained = (): void => {
    // The response, which is told first, may have filled it again.
    if (watched?.writableNeedDrain === false) onDrain()
  }
  return {
    write(bytes) {
      const { socket } = res
      if (socket === null || !isPlain(res, socket)) return undefined
      if (watched === undefined) {
        watched = socket
        // The server tells a response of this only after its own writes.
        socket.on('drain', drained)
      }
      return socket.write(frame(bytes))
    },
    release() {
      watched?.off('drain', drained)
    },
  }
}

/** Whether a chunk that is written to the socket now is what `res.write` would write, and nothing but that. */
function isPlain(res: ServerResponse, socket: Socket): boolean {
  return (
    // Nobody looks at what is written, as compression does.
    res.write === write &&
    res.end === end &&
    res.chunkedEncoding &&
    !res.writableEnded &&
    // Nothing waits in the response: it has its socket, and hands on at once what is written to it.
    res.writableCorked === 0 &&
    socket.writable
  )
}

function frame(bytes: Uint8Array): Buffer {
  const known = framed.get(bytes)
  if (known !== undefined) return known
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF])
  // Not for as long as the bytes live: those of one event do as long as its history, and small buffers share memory.
  if (framed.size === 0) setImmediate(() => framed.clear())
  framed.set(bytes, chunk)
  return chunk
}
