import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'

type Listener = (req: IncomingMessage, res: ServerResponse) => void
type Http2Listener = Parameters<typeof createHttp2Server>[1]

/** A server on a free port of this machine. */
export interface TestServer {
  readonly port: number
  readonly url: string
  /** Closes it, and every connection that is left. */
  [Symbol.asyncDispose](): Promise<void>
}

export function serveHttp(listener: Listener): Promise<TestServer> {
  return start(createServer(listener))
}

export function serveHttp2(listener: Http2Listener): Promise<TestServer> {
  return start(createHttp2Server({}, listener))
}

async function start(
  server: ReturnType<typeof createServer> | ReturnType<typeof createHttp2Server>,
) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Sends these bytes over a connection of its own, and collects what comes back. */
export function openRaw(port: number, text: string) {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('utf8')
  })
  socket.on('error', () => undefined)
  socket.write(text)
  return {
    socket,
    received: () => received,
    closed: once(socket, 'close'),
    /** Resolves when this text has arrived. */
    until: async (expected: string) => {
      while (!received.includes(expected)) await once(socket, 'data')
    },
  }
}

/** Sends a request and resolves with its response, whose body was not read yet. */
export async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = options
  const sent = request(url, { method, headers, agent: false })
  sent.on('error', () => undefined)
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  return response
}

/** The whole body, or what came of it before the connection broke. */
export async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
  })
  if (!response.closed) await once(response, 'close')
  return text
}

/** Polls until the condition holds. */
export async function until(condition: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Still not so: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
