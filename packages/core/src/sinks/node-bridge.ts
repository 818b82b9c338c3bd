import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import {
  encodeWithChunk,
  onceDrained,
  socketForChunks,
  textChunkOf,
  writeChunk,
} from './node-direct-writes.ts'
import { type Proof, watchBody } from './node-proof.ts'
import { flushCompression, ignoreError } from './node-response-sink.ts'
import type { SharedBytes, Sink } from './sink.ts'
import { createWebSink, WebSink, type WebSinkInit } from './web-sink.ts'

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

class BridgeSink extends WebSink implements Sink, Proof {
  readonly res: ServerResponse
  isSettled = false
  isUnseen = false
  takenBytes = 0
  lastTaken: Uint8Array<ArrayBuffer> | undefined = undefined

  #givenBytes = 0
  #isDirect = false
  #stopWaiting: (() => void) | undefined

  constructor(init: WebSinkInit, res: ServerResponse) {
    super(init)
    this.res = res
  }

  override get bufferedBytes(): number {
    return this.#isDirect ? this.res.writableLength : super.bufferedBytes
  }

  override encode(text: string): SharedBytes {
    // Readers of the stream may expect an array that shares its memory with no other.
    return this.#isDirect ? encodeWithChunk(text) : super.encode(text)
  }

  override write(bytes: Uint8Array, shared?: SharedBytes): boolean {
    if (this.#isDirect) {
      const isWhole = shared?.bytes.length === bytes.length
      const written = isWhole ? this.#writeDirect(shared) : undefined
      return written ?? this.#writeToResponse(bytes)
    }
    this.#givenBytes += bytes.length
    return super.write(bytes)
  }

  writeText(text: string): boolean | undefined {
    const chunk = this.#isDirect ? textChunkOf(text) : undefined
    return chunk === undefined ? undefined : this.#writeDirect(chunk)
  }

  override end(closeConnection?: boolean): void {
    if (!this.#isDirect) return super.end()
    this.isEnding = true
    this.#awaitEnd(closeConnection === true)
    // The bridge ends the response.
    this.closeBody()
  }

  override destroy(reason: Error): void {
    // Its `close` makes the bridge cancel the stream.
    if (this.#isDirect) this.res.destroy()
    else super.destroy(reason)
  }

  override release(): void {
    this.#stopWaiting?.()
    super.release()
  }

  onWritten(takenBytes: number): boolean {
    if (takenBytes !== this.#givenBytes) return false
    // An end that waits for the reader of the stream comes through the stream.
    if (this.listener === undefined || this.isEnding) return true
    this.#isDirect = true
    this.res.on('error', ignoreError)
    if (this.res.writableNeedDrain) this.#awaitDrain()
    else this.listener.drained()
    return true
  }

  onReleased(): void {
    if (!this.#isDirect || this.isEnding) return
    this.#isDirect = false
    this.listener?.drained()
  }

  protected override createBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const body = super.createBody()
    watchBody(body, this)
    return body
  }

  protected override pulled(): void {
    if (!this.#isDirect) super.pulled()
  }

  #writeDirect(whole: string | SharedBytes): boolean | undefined {
    try {
      const socket = socketForChunks(this.res)
      if (socket === undefined) return undefined
      const hasRoom = writeChunk(socket, whole)
      if (!hasRoom) this.#awaitDrain(socket)
      return hasRoom
    } catch (error) {
      return this.#fail(error)
    }
  }

  #writeToResponse(bytes: Uint8Array): boolean {
    const { res } = this
    try {
      const hasRoom = res.write(bytes)
      flushCompression(res as { flush?: unknown })
      if (!hasRoom) this.#awaitDrain()
      return hasRoom
    } catch (error) {
      return this.#fail(error)
    }
  }

  // Middleware that wraps `write` threw: the response cannot go on.
  #fail(error: unknown): false {
    this.res.destroy(error as Error)
    return false
  }

  // Listeners only while something is waited for: an idle connection needs none.
  #awaitDrain(socket?: Socket): void {
    if (this.#stopWaiting !== undefined) return
    const onDrain = (): void => {
      this.#stopWaiting = undefined
      this.listener?.drained()
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
      this.listener?.finished()
    }
    const onClose = (): void => {
      if (res.writableFinished) onFinish()
      else this.listener?.gone()
    }
    res.on('finish', onFinish).on('close', onClose)
    this.#stopWaiting = () => void res.off('finish', onFinish).off('close', onClose)
  }
}
