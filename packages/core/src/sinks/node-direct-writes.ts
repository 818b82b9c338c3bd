import { OutgoingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SharedBytes } from './sink.ts'

const { write, end } = OutgoingMessage.prototype
const CRLF: Buffer = Buffer.from('\r\n')

/** Writes to the socket below a response. */
export interface DirectWrites {
  /** @returns what `socket.write` returns, or `undefined`: only `res.write` may be used now. */
  write(shared: SharedBytes): boolean | undefined
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
    write(shared) {
      const { socket } = res
      if (socket === null || !isPlain(res, socket)) return undefined
      if (watched === undefined) {
        watched = socket
        // The server tells a response of this only after its own writes.
        socket.on('drain', drained)
      }
      return socket.write((shared.chunk ??= frame(shared.bytes)))
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
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF])
}
