import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import type { ResponseHead, SharedBytes, Sink, SinkListener } from './sink.ts'

/**
 * What the sinks of both protocols of Node have in common. A class, as there is one for each of many streams, which
 * then share the methods.
 */
export abstract class NodeResponseSink<Response extends ServerResponse | Http2ServerResponse>
  implements Sink
{
  protected readonly res: Response
  protected listener: SinkListener | undefined = undefined
  protected isEndSent = false
  protected closesConnection = false
  private isDrainWatched = false

  constructor(res: Response) {
    this.res = res
  }

  abstract readonly isGone: boolean
  abstract readonly bufferedBytes: number

  get isSent(): boolean {
    return this.res.headersSent || this.res.writableEnded
  }

  header(name: string): string | undefined {
    const value = this.res.getHeader(name)
    return Array.isArray(value) ? value.join(', ') : value?.toString()
  }

  listen(listener: SinkListener): void {
    const isFirst = this.listener === undefined
    this.listener = listener
    if (!isFirst) return
    this.res.on('error', ignoreError)
    this.watch()
  }

  open(head: ResponseHead): void {
    this.writeHead(head)
  }

  reply(head: ResponseHead, body: string): void {
    this.writeHead(head)
    this.res.end(body)
  }

  encode(text: string): SharedBytes {
    return { bytes: Buffer.from(text, 'utf8'), chunk: undefined }
  }

  write(bytes: Uint8Array): boolean {
    try {
      const hasRoom = (this.res as ServerResponse).write(bytes)
      flushCompression(this.res as { flush?: unknown })
      if (!hasRoom) this.watchDrain()
      return hasRoom
    } catch (error) {
      return this.fail(error)
    }
  }

  end(closeConnection: boolean): void {
    this.isEndSent = true
    this.closesConnection = closeConnection
    try {
      this.res.end()
    } catch (error) {
      this.fail(error)
    }
  }

  abstract destroy(reason: Error, closeConnection: boolean): void

  release(): void {
    this.listener = undefined
    this.unwatch()
  }

  /** Listens to the end of the response, and to that of its client. */
  protected abstract watch(): void
  protected abstract unwatch(): void
  /** Closes what lies below the response, once that is over. */
  protected abstract close(): void

  /** Middleware that wraps `write` or `end` threw: the response cannot go on, and its `close` says so. */
  protected fail(error: unknown): false {
    this.res.destroy(error as Error)
    return false
  }

  protected drained(): void {
    this.listener?.drained()
  }

  /** Everything was handed over. */
  protected finished(): void {
    if (this.closesConnection) this.close()
    this.listener?.finished()
  }

  private watchDrain(): void {
    if (this.isDrainWatched) return
    // Once for the whole life: compression middleware hands `drain` listeners on to a stream of its own, from which
    // they could not be removed.
    this.isDrainWatched = true
    this.res.on('drain', () => this.drained())
  }

  private writeHead({ status, headers }: ResponseHead): void {
    // Of an answer that earlier middleware had in mind.
    this.res.removeHeader('Content-Length')
    ;(this.res as ServerResponse).writeHead(status, headers)
  }
}

/** Compression middleware that does not heed `no-transform` holds events back until it is flushed. */
export function flushCompression(res: { flush?: unknown }): void {
  if (typeof res.flush === 'function') res.flush()
}

/** Every error is followed by `close`, which is what ends the stream. */
export function ignoreError(): void {}
