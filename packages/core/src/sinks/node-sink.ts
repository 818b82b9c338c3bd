import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  Http2Session,
  ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { createDirectWrites, type DirectWrites } from './node-direct-writes.ts'
import type { ResponseHead, Sink, SinkListener } from './sink.ts'

/**
 * The request of a `node:http` or `node:http2` server.
 *
 * @public
 */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/**
 * The response of a `node:http` or `node:http2` server.
 *
 * @public
 */
export type NodeResponse = ServerResponse | Http2ServerResponse

// The code with which either side gives up a stream (RFC 9113, section 7).
const HTTP2_CANCEL = 8

/** Writes to the response of a `node:http` or `node:http2` server. */
export function createNodeSink(req: NodeRequest, res: NodeResponse): Sink {
  return isHttp2(req, res)
    ? createSink(res, res.stream, http2Transport(req, res.stream))
    : createSink(
        res,
        res as ServerResponse,
        http1Transport(req as IncomingMessage, res as ServerResponse),
      )
}

// Not `stream` alone: middleware may put one on any response.
function isHttp2({ httpVersionMajor }: NodeRequest, res: NodeResponse): res is Http2ServerResponse {
  return httpVersionMajor >= 2 && 'stream' in res
}

/** What differs between the protocols. */
interface Transport {
  readonly isHttp1: boolean
  readonly isGone: boolean
  /** Emits `close`, or for a reset that reaches a full HTTP/2 stream only `aborted`, when the client is gone. */
  readonly closes: EventEmitter
  /** Whether everything was handed over, asked after `finish` or `close`. */
  hasFinished(): boolean
  destroy(closeConnection: boolean): void
  /** Closes what lies below the response, once that is over. */
  close(): void
}

function http1Transport(req: IncomingMessage, res: ServerResponse): Transport {
  const { socket } = req
  return {
    isHttp1: true,
    get isGone() {
      return socket.destroyed || res.destroyed
    },
    // Not the request: a POST's closes as soon as its body was read. And a response that waits behind another
    // on the same socket (pipelining) is not told that the socket closed.
    closes: res.socket === null ? closesOf(socket) : res,
    hasFinished: () => res.writableFinished,
    destroy: () => void res.destroy(),
    close: () => socket.destroySoon(),
  }
}

const shared = new WeakMap<Socket, EventEmitter>()

/** One listener on the socket for all responses that wait on it: there may be hundreds. */
function closesOf(socket: Socket): EventEmitter {
  const known = shared.get(socket)
  if (known !== undefined) return known
  const closes = new EventEmitter().setMaxListeners(0)
  socket.once('close', () => closes.emit('close'))
  shared.set(socket, closes)
  return closes
}

function http2Transport(req: NodeRequest, stream: ServerHttp2Stream): Transport {
  // A reset by the client is an error of the request, which nobody else may listen to.
  req.on('error', ignoreError)
  return {
    isHttp1: false,
    get isGone() {
      return stream.destroyed || stream.closed
    },
    // Not the response: it emits `finish` when it is reset, too.
    closes: stream,
    hasFinished: () => stream.rstCode === 0 && !stream.aborted,
    destroy(closeConnection) {
      const { session } = stream
      stream.close(HTTP2_CANCEL)
      if (closeConnection && session !== undefined) rawSocket(session).destroy()
    },
    close: () => stream.session?.close(),
  }
}

/**
 * The socket below a session. `session.destroy()` waits for a peer that reads nothing, and the proxy that stands
 * for the socket forbids `destroy()`; but what it lets through, such as `once()`, returns the socket itself.
 */
function rawSocket({ socket }: Http2Session): Pick<Socket, 'destroy'> {
  const raw = socket.once('close', ignoreError)
  raw.off('close', ignoreError)
  return raw
}

function createSink(res: NodeResponse, out: Writable, transport: Transport): Sink {
  let listener: SinkListener | undefined
  let isEndSent = false
  let closesConnection = false
  let hasWritten = false
  let direct: DirectWrites | undefined

  const onDrain = (): void => listener?.drained()
  const onFinish = (): void => {
    // A reset also finishes the stream that carries it; its `close` follows, and says that the client is gone.
    if (!transport.hasFinished()) return
    if (closesConnection) transport.close()
    listener?.finished()
  }
  const onClose = (): void => {
    if (isEndSent && transport.hasFinished()) onFinish()
    else listener?.gone()
  }

  return {
    get isGone() {
      return transport.isGone
    },
    get isSent() {
      return res.headersSent || res.writableEnded
    },
    get bufferedBytes() {
      return out.writableLength
    },
    header: (name) => headerText(res.getHeader(name)),
    listen(newListener) {
      const isFirst = listener === undefined
      listener = newListener
      if (!isFirst) return
      // One for the whole life: compression middleware hands `drain` listeners on to a stream of its own, from
      // which they could not be removed.
      res.on('drain', onDrain)
      res.on('error', ignoreError)
      out.on('finish', onFinish)
      transport.closes.on('close', onClose)
      transport.closes.on('aborted', onClose)
    },
    open(head) {
      writeHead(res, head)
    },
    reply(head, body) {
      writeHead(res, head)
      res.end(body)
    },
    encode: (text) => Buffer.from(text, 'utf8'),
    write(bytes, shared) {
      try {
        // The first write takes the head along.
        if (shared !== undefined && hasWritten && transport.isHttp1) {
          direct ??= createDirectWrites(res as ServerResponse, onDrain)
          const written = direct.write(shared)
          if (written !== undefined) return written
        }
        hasWritten = true
        const hasRoom = (res as ServerResponse).write(bytes)
        flushCompression(res)
        return hasRoom
      } catch (error) {
        // Middleware that wraps `write` threw: the response cannot go on, and its `close` says so.
        res.destroy(error as Error)
        return false
      }
    },
    end(closeConnection) {
      isEndSent = true
      closesConnection = closeConnection
      try {
        res.end()
      } catch (error) {
        // As with `write`.
        res.destroy(error as Error)
      }
    },
    destroy: (_reason, closeConnection) => transport.destroy(closeConnection),
    release() {
      listener = undefined
      res.off('drain', onDrain)
      direct?.release()
      out.off('finish', onFinish)
      transport.closes.off('close', onClose)
      transport.closes.off('aborted', onClose)
    },
  }
}

function writeHead(res: NodeResponse, { status, headers }: ResponseHead): void {
  // Of an answer that earlier middleware had in mind.
  res.removeHeader('Content-Length')
  ;(res as ServerResponse).writeHead(status, headers)
}

/** Compression middleware that does not heed `no-transform` holds events back until it is flushed. */
function flushCompression(res: NodeResponse & { flush?: unknown }): void {
  if (typeof res.flush === 'function') res.flush()
}

function headerText(value: number | string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value?.toString()
}

// Every error is followed by `close`, which is what ends the stream.
function ignoreError(): void {}
