import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { chunkOf, encodeWithChunk, onceDrained, socketForChunks } from './node-direct-writes.ts'
import { type Proof, watchBody } from './node-proof.ts'
import { flushCompression, ignoreError } from './node-response-sink.ts'
import type { ResponseHead, SharedBytes, Sink, SinkListener } from './sink.ts'
import {
  CLIENT_CLOSED_REQUEST,
  createWebSink,
  HIGH_WATER_MARK_BYTES,
  type WebBody,
  type WebSinkInit,
} from './web-sink.ts'

const STRATEGY: QueuingStrategy<Uint8Array<ArrayBuffer>> = {
  highWaterMark: HIGH_WATER_MARK_BYTES,
  size: (chunk) => chunk.byteLength,
}
const encoder: TextEncoder = new TextEncoder()

/**
 * Writes to the `ReadableStream` of a fetch-style response, as the web sink does, until it is certain that a bridge
 * writes what it reads from it to a response of `node:http`, as it is; from then on, straight to that. The bridge still
 * waits for the next chunk of the stream, and gets its end: so the response is ended by whoever began it. What it saves,
 * and when it never becomes certain: `docs/decisions/015`.
 *
 * @param outgoing - The response that the bridge may write to, if that is known.
 *
 * @public
 */
export function createBridgeSink(init: WebSinkInit, outgoing: unknown): Sink {
  return outgoing instanceof ServerResponse ? new BridgeSink(init, outgoing) : createWebSink(init)
}

// A class, as there is one for each of many streams, which then share the methods.
class BridgeSink implements Sink, Proof {
  readonly res: ServerResponse
  isSettled = false
  isUnseen = false
  takenBytes = 0
  lastTaken: Uint8Array<ArrayBuffer> | undefined = undefined

  readonly #request: WebSinkInit['request']
  readonly #answered: WebSinkInit['answered']
  readonly #onGone = (): void => this.#listener?.gone()
  // Let go with the response: it holds what the framework made for the request.
  #init: WebSinkInit | undefined
  #listener: SinkListener | undefined
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  #givenBytes = 0
  #isDirect = false
  #isEnding = false
  #stopWaiting: (() => void) | undefined

  constructor(init: WebSinkInit, res: ServerResponse) {
    this.res = res
    this.#init = init
    this.#request = init.request
    this.#answered = init.answered
  }

  get isGone(): boolean {
    return this.#request.signal.aborted
  }

  get isSent(): boolean {
    return this.#init?.isSent() ?? true
  }

  get bufferedBytes(): number {
    return this.#isDirect ? this.res.writableLength : this.#heldBytes()
  }

  header(name: string): string | null | undefined {
    return this.#init?.header(name)
  }

  listen(listener: SinkListener): void {
    if (this.#listener === undefined) this.#request.signal.addEventListener('abort', this.#onGone)
    this.#listener = listener
  }

  open(head: ResponseHead): void {
    const body: ReadableStream<Uint8Array<ArrayBuffer>> = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pulled(),
        cancel: this.#onGone,
      },
      STRATEGY,
    )
    watchBody(body, this)
    this.#answer(head, body)
  }

  reply(head: ResponseHead, body: string): void {
    this.#answer(head, body === '' ? null : body)
  }

  encode(text: string): SharedBytes {
    if (this.#isDirect) return encodeWithChunk(text)
    // Readers of the stream may expect an array that shares its memory with no other.
    return { bytes: encoder.encode(text), chunk: undefined }
  }

  write(bytes: Uint8Array, shared?: SharedBytes): boolean {
    if (this.#isDirect) return this.#writeDirect(bytes, shared)
    this.#givenBytes += bytes.length
    this.#controller?.enqueue(bytes as Uint8Array<ArrayBuffer>)
    return (this.#controller?.desiredSize ?? 0) > 0
  }

  end(closeConnection: boolean): void {
    this.#isEnding = true
    if (this.#isDirect) this.#awaitEnd(closeConnection)
    if (this.#heldBytes() === 0) this.#close()
  }

  destroy(reason: Error): void {
    // Its `close` makes the bridge cancel the stream.
    if (this.#isDirect) this.res.destroy()
    else this.#controller?.error(reason)
  }

  release(): void {
    this.#listener = undefined
    this.#request.signal.removeEventListener('abort', this.#onGone)
    this.#stopWaiting?.()
    if (this.#init !== undefined) this.#answer({ status: CLIENT_CLOSED_REQUEST, headers: {} }, null)
    this.#answered.delete(this.#request)
  }

  onWritten(takenBytes: number): boolean {
    if (takenBytes !== this.#givenBytes) return false
    // An end that waits for the reader of the stream comes through the stream.
    if (this.#listener === undefined || this.#isEnding) return true
    this.#isDirect = true
    this.res.on('error', ignoreError)
    if (this.res.writableNeedDrain) this.#awaitDrain()
    else this.#listener.drained()
    return true
  }

  onReleased(): void {
    if (!this.#isDirect || this.#isEnding) return
    this.#isDirect = false
    this.#listener?.drained()
  }

  #answer(head: ResponseHead, body: WebBody): void {
    const init = this.#init
    this.#init = undefined
    init?.respond(head, body)
  }

  #heldBytes(): number {
    const controller = this.#controller
    return controller === undefined ? 0 : HIGH_WATER_MARK_BYTES - (controller.desiredSize ?? 0)
  }

  #pulled(): void {
    if (this.#isDirect) return
    if (!this.#isEnding) this.#listener?.drained()
    else if (this.#heldBytes() === 0) this.#close()
  }

  #close(): void {
    this.#controller?.close()
    if (!this.#isDirect) this.#listener?.finished()
  }

  #writeDirect(bytes: Uint8Array, shared: SharedBytes | undefined): boolean {
    const { res } = this
    try {
      const socket = shared === undefined ? undefined : socketForChunks(res)
      if (shared !== undefined && socket !== undefined) {
        const hasRoom = socket.write((shared.chunk ??= chunkOf(shared.bytes)))
        if (!hasRoom) this.#awaitDrain(socket)
        return hasRoom
      }
      const hasRoom = res.write(bytes)
      flushCompression(res as { flush?: unknown })
      if (!hasRoom) this.#awaitDrain()
      return hasRoom
    } catch (error) {
      // Middleware that wraps `write` threw: the response cannot go on.
      res.destroy(error as Error)
      return false
    }
  }

  // Listeners only while something is waited for: an idle connection needs none.
  #awaitDrain(socket?: Socket): void {
    if (this.#stopWaiting !== undefined) return
    const onDrain = (): void => {
      this.#stopWaiting = undefined
      this.#listener?.drained()
    }
    if (socket !== undefined) {
      this.#stopWaiting = onceDrained(socket, onDrain)
      return
    }
    this.res.once('drain', onDrain)
    this.#stopWaiting = () => void this.res.off('drain', onDrain)
  }

  #awaitEnd(closeConnection: boolean): void {
    this.#stopWaiting?.()
    const { res } = this
    // The response lets go of it when it is finished.
    const socket: Socket | null = res.socket
    const onFinish = (): void => {
      this.#stopWaiting?.()
      if (closeConnection) socket?.destroySoon()
      this.#listener?.finished()
    }
    const onClose = (): void => {
      if (res.writableFinished) onFinish()
      else this.#listener?.gone()
    }
    res.on('finish', onFinish).on('close', onClose)
    this.#stopWaiting = () => void res.off('finish', onFinish).off('close', onClose)
  }
}
