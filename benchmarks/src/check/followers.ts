import { connect, type Socket } from 'node:net'

/** Many connections of one client, which counts what they get. */
export interface Followers {
  /** Resolves when each connection has got so many events more. */
  receive(events: number): Promise<void>
  close(): void
}

// Occurs once in each event, and not in the sizes of chunks, which are hexadecimal.
const MARK = 't'
const OPENED_TOGETHER = 100
const TIMEOUT_MS = 20_000

/** Opens connections, some at a time: the kernel's queue of those that wait to be accepted is short. */
export async function openFollowers(port: number, count: number): Promise<Followers> {
  const sockets: Socket[] = []
  const counts: number[] = []
  let total = 0
  let wanted = 0
  let reached = (): void => undefined
  const open = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let isOpen = false
      counts.push(0)
      sockets.push(socket)
      socket.setEncoding('latin1').on('error', reject)
      socket.on('data', (text: string) => {
        if (!isOpen) {
          isOpen = text.includes('\r\n\r\n')
          return resolve()
        }
        for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, at + 1)) {
          counts[index] = (counts[index] ?? 0) + 1
          total += 1
        }
        if (total >= wanted) reached()
      })
      socket.write('GET / HTTP/1.1\r\nHost: check\r\n\r\n')
    })
  while (sockets.length < count) {
    const size = Math.min(OPENED_TOGETHER, count - sockets.length)
    const first = sockets.length
    await Promise.all(Array.from({ length: size }, (_, index) => open(first + index)))
  }
  return {
    async receive(events) {
      counts.fill(0)
      total = 0
      wanted = events * count
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${total} of ${wanted} events arrived`)),
          TIMEOUT_MS,
        )
        reached = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      const wrong = counts.filter((got) => got !== events).length
      if (wrong > 0) throw new Error(`${wrong} connections did not get ${events} events`)
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
