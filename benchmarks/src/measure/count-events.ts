import { connect } from 'node:net'

/** What came of one request. */
export interface Counted {
  readonly marks: number
  /** The last bytes of the response. */
  readonly tail: string
}

const TAIL_BYTES = 512
const HEAD_END = '\r\n\r\n'
// Some set `Connection: keep-alive` themselves, and do not close whatever the client asked for.
const LAST_CHUNK = '0\r\n\r\n'

/**
 * Requests `path` and counts a character that each event holds once, until the response ends. It does no more, so
 * that it is never what limits.
 */
export function countEvents(port: number, path: string, mark: string): Promise<Counted> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let marks = 0
    let tail = ''
    let isHead = true
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      tail = text.length >= TAIL_BYTES ? text.slice(-TAIL_BYTES) : (tail + text).slice(-TAIL_BYTES)
      let at = 0
      if (isHead) {
        // It comes in one piece: nobody writes a part of it.
        at = text.indexOf(HEAD_END)
        if (at === -1) return
        isHead = false
      }
      for (at = text.indexOf(mark, at); at !== -1; at = text.indexOf(mark, at + 1)) marks += 1
      if (tail.endsWith(LAST_CHUNK)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve({ marks, tail }))
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n`,
    )
  })
}
