import { connect, type Socket } from 'node:net'

/** What one client made of a feed, over all of its connections. */
export interface FollowerView {
  /** The numbers of its first and its last event; -1: none. */
  first: number
  last: number
  /** Events that did not follow the one before. */
  faults: number
  /** Gap events, and how many events they told of. */
  gaps: number
  lost: number
  lastEventId: string
  isOpen: boolean
}

/** A connection of a client that reads a feed. */
export interface Follower {
  readonly socket: Socket
  readonly view: FollowerView
}

// A whole event, or a gap event. The id is there in feeds with a history.
const EVENT =
  /"n":(\d+),[^\n]*\n(?:id: ([^\n]*)\n)?\n|event: gap\ndata: \{[^\n]*"lost":(\d+)[^\n]*\n|HTTP\/1\.1 200/g

export function createView(): FollowerView {
  return { first: -1, last: -1, faults: 0, gaps: 0, lost: 0, lastEventId: '', isOpen: false }
}

/** Follows a feed from where the view ends. What is not a whole event when the connection is left is forgotten. */
export function follow(port: number, path: string, view: FollowerView = createView()): Follower {
  const socket = connect(port, '127.0.0.1')
  let rest = ''
  view.isOpen = false
  socket.setEncoding('latin1')
  socket.on('data', (bytes: string) => {
    const text = rest + bytes
    let end = 0
    EVENT.lastIndex = 0
    for (let found = EVENT.exec(text); found !== null; found = EVENT.exec(text)) {
      end = EVENT.lastIndex
      note(view, found)
    }
    rest = text.slice(end)
  })
  // An error is followed by `close`.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    view.isOpen = false
  })
  const resume = view.lastEventId === '' ? '' : `Last-Event-ID: ${view.lastEventId}\r\n`
  socket.write(`GET ${path} HTTP/1.1\r\nHost: load\r\n${resume}\r\n`)
  return { socket, view }
}

function note(view: FollowerView, [, number, id, lost]: RegExpExecArray): void {
  if (lost !== undefined) {
    view.gaps += 1
    view.lost += Number(lost)
    view.last += Number(lost)
  } else if (number === undefined) {
    view.isOpen = true
  } else {
    const n = Number(number)
    if (view.first === -1) view.first = n
    else if (n !== view.last + 1) view.faults += 1
    view.last = n
    if (id !== undefined) view.lastEventId = id
  }
}
