import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { Writable } from 'node:stream'
import type { ResponseHead, Sink, SinkListener } from './sink.ts'

/** The request of a `node:http` or `node:http2` server. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** The response of a `node:http` or `node:http2` server. */
export type NodeResponse = ServerResponse | Http2ServerResponse

// The code with which either side gives up a stream (RFC 9113, section 7).
const HTTP2_CANCEL = 8

/** Writes to the response of a `node:http` or `node:http2` server. */
export function createNodeSink(req: NodeRequest, res: NodeResponse): Sink {
  return 'stream' in res
    ? createSink(res, res.stream, http2Transport(req, res.stream))
    : createSink(res, res, http1Transport(req as IncomingMessage, res))
}

/** What differs between the protocols. */
interface Transport {
  readonly isGone: boolean
  /** Emits `close` when the client is gone. */
  readonly closes: EventEmitter
  /** Whether everything was handed over, asked after `finish` or `close`. */
  hasFinished(): boolean
  destroy(): void
  /** Closes what lies below the response, once that is over. */
  close(): void
}

function http1Transport(req: IncomingMessage, res: ServerResponse): Transport {
  const { socket } = req
  return {
    get isGone() {
      return socket.destroyed || res.destroyed
    },
    // Not the request: a POST's closes as soon as its body was read. And a response that waits behind another
    // on the same socket (pipelining) is not told that the socket closed.
    closes: res.socket === null ? socket : res,
    hasFinished: () => res.writableFinished,
    destroy: () => void res.destroy(),
    close: () => socket.destroySoon(),
  }
}

function http2Transport(req: NodeRequest, stream: ServerHttp2Stream): Transport {
  // A reset by the client is an error of the request, which nobody else may listen to.
  req.on('error', ignoreError)
  return {
    get isGone() {
      return stream.destroyed || stream.closed
    },
    // Not the response: it emits `finish` when it is reset, too.
    closes: stream,
    hasFinished: () => stream.rstCode === 0 && !stream.aborted,
    destroy: () => stream.close(HTTP2_CANCEL),
    close: () => stream.session?.close(),
  }
}

function createSink(res: NodeResponse, out: Writable, transport: Transport): Sink {
  let listener: SinkListener | undefined
  let isEndSent = false
  let closesConnection = false

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
    },
    open(head) {
      res.removeHeader('Content-Length')
      writeHead(res, head)
    },
    reply(head, body) {
      writeHead(res, head)
      res.end(body)
    },
    encode: (text) => Buffer.from(text, 'utf8'),
    write(bytes) {
      try {
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
    destroy: transport.destroy,
    release() {
      listener = undefined
      res.off('drain', onDrain)
      out.off('finish', onFinish)
      transport.closes.off('close', onClose)
    },
  }
}

function writeHead(res: NodeResponse, { status, headers }: ResponseHead): void {
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
