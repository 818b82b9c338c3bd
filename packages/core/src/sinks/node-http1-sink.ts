import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import {
  encodeWithChunk,
  onceDrained,
  socketForChunks,
  textChunkOf,
  writeChunk,
} from './node-direct-writes.ts'
import { NodeResponseSink } from './node-response-sink.ts'
import type { ResponseHead, SharedBytes } from './sink.ts'

/** Writes to the response of a `node:http` server. */
export class Http1Sink extends NodeResponseSink<ServerResponse> {
  private readonly socket: Socket
  private isHeadHeld = false
  private stopWaiting: (() => void) | undefined = undefined
  private forgetFinish: (() => void) | undefined = undefined
  /** Tells that the socket closed, where the response is not told. */
  private closes: EventEmitter | undefined = undefined
  private readonly onClose = (): void => {
    // Also where somebody else ended it.
    if (this.res.writableFinished) this.finished()
    else this.listener?.gone()
  }

  constructor({ socket }: IncomingMessage, res: ServerResponse) {
    super(res)
    this.socket = socket
  }

  get isGone(): boolean {
    return this.socket.destroyed || this.res.destroyed
  }

  get bufferedBytes(): number {
    return this.res.writableLength
  }

  override open(head: ResponseHead): void {
    super.open(head)
    // Node keeps the head as the many pieces that it was made of, unless it is written on its own. With the first
    // bytes of the body it leaves in one write all the same.
    this.isHeadHeld = true
    this.res.socket?.cork()
    this.res.flushHeaders()
  }

  override encode(text: string): SharedBytes {
    return encodeWithChunk(text)
  }

  override end(closeConnection: boolean): void {
    this.awaitFinish()
    super.end(closeConnection)
  }

  destroy(): void {
    this.res.destroy()
  }

  override write(bytes: Uint8Array, shared?: SharedBytes): boolean {
    const isWhole = shared?.bytes.length === bytes.length
    const written = isWhole ? this.writeDirect(shared) : undefined
    const hasRoom = written ?? super.write(bytes)
    this.letGoOfHead()
    return hasRoom
  }

  writeText(text: string): boolean | undefined {
    const chunk = textChunkOf(text)
    const written = chunk === undefined ? undefined : this.writeDirect(chunk)
    if (written !== undefined) this.letGoOfHead()
    return written
  }

  private letGoOfHead(): void {
    if (!this.isHeadHeld) return
    this.isHeadHeld = false
    this.res.socket?.uncork()
  }

  private writeDirect(whole: string | SharedBytes): boolean | undefined {
    try {
      const socket = socketForChunks(this.res)
      if (socket === undefined) return undefined
      const hasRoom = writeChunk(socket, whole)
      if (!hasRoom) this.awaitDrain(socket)
      return hasRoom
    } catch (error) {
      return this.fail(error)
    }
  }

  // The server tells the response only after the response's own writes.
  private awaitDrain(socket: Socket): void {
    this.stopWaiting ??= onceDrained(socket, () => {
      this.stopWaiting = undefined
      this.drained()
    })
  }

  private awaitFinish(): void {
    if (this.forgetFinish !== undefined) return
    const { res } = this
    const onFinish = (): void => {
      if (res.writableFinished) this.finished()
    }
    res.on('finish', onFinish)
    this.forgetFinish = () => void res.off('finish', onFinish)
  }

  protected watch(): void {
    const { res, socket } = this
    // Not the request: a POST's closes as soon as its body was read.
    res.on('close', this.onClose)
    // A server listens to the end of a response and closes it then. It costs less memory to hear of that than of both.
    if (res.listenerCount('finish') === 0) this.awaitFinish()
    // A response that waits behind another on the same socket (pipelining) is not told that the socket closed.
    if (res.socket !== null) return
    this.closes = closesOf(socket)
    this.closes.on('close', this.onClose)
  }

  protected unwatch(): void {
    this.res.off('close', this.onClose)
    this.closes?.off('close', this.onClose)
    this.stopWaiting?.()
    this.forgetFinish?.()
  }

  protected close(): void {
    this.socket.destroySoon()
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
