import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { assertOptions, type KnownOptions } from './client/invalid-option.ts'
import {
  type NodeListener,
  type NodeServer,
  type NodeTarget,
  resolveTarget,
} from './client/target.ts'
import { settledWithin } from './clock.ts'
import { SseTestError } from './errors.ts'
import { pointAtCaller } from './point-at-caller.ts'

/**
 * Options of {@link serve}.
 *
 * @public
 */
export interface ServeOptions {
  /**
   * Serves HTTP/2 without TLS (h2c), which clients must know beforehand. Express 4 and 5 cannot
   * run on it; Koa can. Ignored when a server is given, which is what it is.
   *
   * @defaultValue false
   */
  readonly http2?: boolean | undefined
}

const SERVE_OPTIONS: KnownOptions<ServeOptions> = { http2: true }

/**
 * A server that listens for a test.
 *
 * @public
 */
export interface Served extends AsyncDisposable {
  /** Where it listens, without a slash at the end: `http://127.0.0.1:40123`. */
  readonly url: string

  /**
   * Stops listening and destroys all sockets, whatever they are in the middle of. Resolves when
   * the server has closed; safe to call twice.
   */
  close(): Promise<void>

  /** The same as {@link Served.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A server whose sockets are known. */
export interface RunningServer {
  readonly server: NodeServer
  readonly url: string
  /** Closes; clients that are about to go by themselves get `graceMs` for it. */
  close(graceMs: number): Promise<void>
}

/**
 * Starts a server for a test on 127.0.0.1, on a port that is free.
 *
 * {@link connect} does this by itself for apps and listeners; use `serve` where several
 * connections must reach one server, and for the fault tools, which need a URL.
 *
 * @param target - An Express or Koa app, a request listener, or a server that does not listen yet.
 * Any function is taken for a request listener.
 * @param options - See {@link ServeOptions}.
 * @returns Resolves when the server listens; rejects if it cannot.
 * @throws {@link SseTestError} `ERR_SSE_TEST_TARGET` if `target` is something else.
 *
 * @example
 * ```ts
 * import { connect, frozenReader, serve } from '@sse/testing'
 *
 * const app = await serve((req, res) => {
 *   res.writeHead(200, { 'content-type': 'text/event-stream' })
 *   res.write(`data: you asked for ${req.url}\n\n`)
 * })
 * await frozenReader(`${app.url}/a`)
 * const connection = await connect(`${app.url}/b`)
 * console.log((await connection.nextEvent()).data) // => you asked for /b
 * await app.close()
 * ```
 *
 * @public
 */
export async function serve(target: NodeTarget, options: ServeOptions = {}): Promise<Served> {
  return pointAtCaller(serve, async () => {
    assertOptions('`serve()`', options, SERVE_OPTIONS)
    const running = await startServer(toServer(target, options.http2 ?? false))
    let closing: Promise<void> | undefined
    const close = () => (closing ??= running.close(0))
    return { url: running.url, close, [Symbol.asyncDispose]: close }
  })
}

/** The server for a target: itself, or a new one around its listener. */
export function toServer(target: NodeTarget, http2: boolean): NodeServer {
  // No need to guess here what a function is: only a listener can be served.
  if (typeof target === 'function') return createNodeServer(target, http2)
  const resolved = resolveTarget(target)
  if (resolved.kind === 'server') return resolved.server
  if (resolved.kind === 'listener') return createNodeServer(resolved.listener, http2)
  throw new SseTestError('ERR_SSE_TEST_TARGET', `a ${resolved.kind} target cannot be served`)
}

function createNodeServer(listener: NodeListener, http2: boolean): NodeServer {
  // Node's HTTP/2 requests and responses stand in for those of HTTP/1.1; only their types differ.
  return http2 ? createHttp2Server(listener as never) : createServer(listener as RequestListener)
}

/** Listens on a free port of 127.0.0.1. */
export async function startServer(server: NodeServer): Promise<RunningServer> {
  const sockets = new Set<Socket>()
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  await listen(server)
  server.on('connection', track)
  return {
    server,
    url: addressOf(server),
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if (graceMs > 0) await settledWithin(Promise.all(Array.from(sockets, onceClosed)), graceMs)
      for (const socket of sockets) socket.destroy()
      await closed
      server.removeListener('connection', track)
    },
  }
}

async function listen(server: NodeServer): Promise<void> {
  // Throws at once if it listens already; whether the port could be had is told later.
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** The URL under which a listening server is reached from this machine. */
export function addressOf(server: NodeServer): string {
  const address = server.address()
  if (address === null || typeof address === 'string') {
    throw new SseTestError('ERR_SSE_TEST_TARGET', 'the server does not listen on a TCP port')
  }
  const isAny = address.address === '::' || address.address === '0.0.0.0'
  const isV6 = address.family === 'IPv6'
  const host = isAny ? '127.0.0.1' : isV6 ? `[${address.address}]` : address.address
  return `${server instanceof TlsServer ? 'https' : 'http'}://${host}:${address.port}`
}

function onceClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
