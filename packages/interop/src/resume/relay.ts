import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Cut, offsetOf } from './cuts.ts'

/** Stands between client and server, and cuts their connections. */
export interface Relay extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** What was cut so far. */
  readonly cuts: readonly Cut[]
  /** Cuts everything, and hands what comes now to another server. */
  moveTo(server: string): void
}

/**
 * Starts a relay of TCP connections.
 *
 * @param server - The URL of the server.
 * @param path - What the path of requests begins with whose responses are cut; others are left alone.
 * @param nextCut - Called for each of these requests; `undefined`: this one is not cut.
 */
export async function startRelay(
  server: string,
  path: string,
  nextCut: () => Cut | undefined,
): Promise<Relay> {
  const cuts: Cut[] = []
  const open = new Set<Socket>()
  let target = new URL(server)

  const listener = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const pair = [client, upstream]
    let cut: Cut | undefined
    let response = ''

    for (const socket of pair) {
      open.add(socket)
      socket.setNoDelay(true)
      // An error is followed by `close`.
      socket.on('error', () => undefined)
      socket.on('close', () => void open.delete(socket))
    }
    upstream.on('close', () => void (client.destroyed || client.end()))
    client.on('close', () => upstream.destroy())

    client.on('data', (bytes) => {
      if (bytes.toString('latin1').startsWith(`GET ${path}`)) {
        cut = nextCut()
        response = ''
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      const sent = response.length
      if (cut === undefined) return void client.write(bytes)
      response += bytes.toString('latin1')
      const offset = offsetOf(cut, response)
      if (offset === undefined) return void client.write(bytes)
      cuts.push(cut)
      upstream.removeAllListeners('data').removeAllListeners('close')
      // The place may have begun in what the client has already.
      const last = bytes.subarray(0, Math.max(0, offset - sent))
      if (cut.end === 'FIN') {
        client.end(last)
        return void upstream.destroy()
      }
      client.write(last, () => {
        for (const socket of pair) socket.resetAndDestroy()
      })
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  const dropAll = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cuts,
    moveTo(newServer) {
      target = new URL(newServer)
      dropAll()
    },
    async [Symbol.asyncDispose]() {
      listener.close()
      dropAll()
      await once(listener, 'close')
    },
  }
}
