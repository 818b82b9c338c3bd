import { connect, type Socket } from 'node:net'

/** A client that only counts: what it costs must not be what is measured. */
export interface Http1Client {
  readonly socket: Socket
  /** How often `mark` has come so far. */
  count(): number
  /** The last bytes received, as text. */
  tail(): string
  /** Resolves when the server, or an error, closed the connection. */
  readonly closed: Promise<void>
}

const TAIL_BYTES = 512

/** Requests `path` and counts a character that each event holds once. */
export function openHttp1(port: number, path: string, mark = '\n\n'): Http1Client {
  const socket = connect(port, '127.0.0.1')
  let marks = 0
  let tail = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    // The end of the last chunk may hold the start of a mark.
    const joined = tail.slice(1 - mark.length) + text
    for (let at = joined.indexOf(mark); at !== -1; at = joined.indexOf(mark, at + 1)) marks += 1
    tail = (tail + text).slice(-TAIL_BYTES)
  })
  // An error is followed by `close`.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.write(`GET ${path} HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n`)
  return { socket, count: () => marks, tail: () => tail, closed }
}
