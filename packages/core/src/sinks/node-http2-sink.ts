import type {
  Http2ServerRequest,
  Http2ServerResponse,
  Http2Session,
  ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { ignoreError, NodeResponseSink } from './node-response-sink.ts'

// The code with which either side gives up a stream (RFC 9113, section 7).
const HTTP2_CANCEL = 8

/** Writes to the response of a `node:http2` server. */
export class Http2Sink extends NodeResponseSink<Http2ServerResponse> {
  private readonly stream: ServerHttp2Stream
  private readonly onFinish = (): void => {
    // A reset also finishes the stream that carries it; its `close` follows, and says that the client is gone.
    if (this.hasFinished) this.finished()
  }
  private readonly onClose = (): void => {
    if (this.isEndSent && this.hasFinished) this.finished()
    else this.listener?.gone()
  }

  constructor(req: Http2ServerRequest, res: Http2ServerResponse) {
    super(res)
    this.stream = res.stream
    // A reset by the client is an error of the request, which nobody else may listen to.
    req.on('error', ignoreError)
  }

  get isGone(): boolean {
    return this.stream.destroyed || this.stream.closed
  }

  get bufferedBytes(): number {
    return this.stream.writableLength
  }

  private get hasFinished(): boolean {
    return this.stream.rstCode === 0 && !this.stream.aborted
  }

  destroy(_reason: Error, closeConnection: boolean): void {
    const { session } = this.stream
    this.stream.close(HTTP2_CANCEL)
    if (closeConnection && session !== undefined) rawSocket(session).destroy()
  }

  // Not the response: it emits `finish` when it is reset, too, and its `close` may not come.
  protected watch(): void {
    this.stream.on('finish', this.onFinish)
    this.stream.on('close', this.onClose)
    // All that comes of a reset that reaches a stream whose buffer is full.
    this.stream.on('aborted', this.onClose)
  }

  protected unwatch(): void {
    this.stream.off('finish', this.onFinish)
    this.stream.off('close', this.onClose)
    this.stream.off('aborted', this.onClose)
  }

  protected close(): void {
    this.stream.session?.close()
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
