import type { ResponseHead, SharedBytes, Sink, SinkListener } from './sink.ts'

/** The body of a response. */
export type WebBody = ReadableStream<Uint8Array<ArrayBuffer>> | string | null

/**
 * Makes the framework's response of a head and a body. Called once.
 *
 * @public
 */
export type ToResponse<Result> = (head: ResponseHead, body: WebBody) => Result

/** What a web sink needs of its request. */
export interface WebSinkInit {
  /** Its signal aborts when the client is gone. */
  readonly request: { readonly signal: AbortSignal }
  /** Whether another response was made already. */
  readonly isSent: () => boolean
  /** Reads a header that was set on the response before. */
  readonly header: (name: string) => string | null | undefined
  /** Makes the response. Called once. */
  readonly respond: (head: ResponseHead, body: WebBody) => void
  /** What the request is taken out of at the end. */
  readonly answered: Pick<WeakSet<object>, 'delete'>
}

// As much as a Node socket takes before it asks to wait. Counted in bytes: the default counts chunks.
const HIGH_WATER_MARK_BYTES = 16_384

const STRATEGY: QueuingStrategy<Uint8Array<ArrayBuffer>> = {
  highWaterMark: HIGH_WATER_MARK_BYTES,
  size: (chunk) => chunk.byteLength,
}

// nginx's code for a client that closed the connection; nobody is there to read it.
const CLIENT_CLOSED_REQUEST = 499

const encoder: TextEncoder = new TextEncoder()

/** Writes to the `ReadableStream` of a fetch-style response. */
export function createWebSink(init: WebSinkInit): Sink {
  return new WebSink(init)
}

/** See {@link createWebSink}. A class, as there is one for each of many streams, which then share the methods. */
export class WebSink implements Sink {
  protected listener: SinkListener | undefined = undefined
  protected isEnding = false
  private readonly request: WebSinkInit['request']
  private readonly answered: WebSinkInit['answered']
  private readonly onGone = (): void => this.listener?.gone()
  // Let go with the response: it holds what the framework made for the request.
  private init: WebSinkInit | undefined
  private controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined =
    undefined
  private resolvePull: (() => void) | undefined = undefined
  private encoded: Uint8Array | undefined = undefined

  constructor(init: WebSinkInit) {
    this.init = init
    this.request = init.request
    this.answered = init.answered
  }

  get isGone(): boolean {
    return this.request.signal.aborted
  }

  get isSent(): boolean {
    return this.init?.isSent() ?? true
  }

  get bufferedBytes(): number {
    const { controller } = this
    return controller === undefined ? 0 : HIGH_WATER_MARK_BYTES - (controller.desiredSize ?? 0)
  }

  header(name: string): string | null | undefined {
    return this.init?.header(name)
  }

  listen(listener: SinkListener): void {
    if (this.listener === undefined) this.request.signal.addEventListener('abort', this.onGone)
    this.listener = listener
  }

  open(head: ResponseHead): void {
    this.answer(head, this.createBody())
  }

  reply(head: ResponseHead, body: string): void {
    this.answer(head, body === '' ? null : body)
  }

  encode(text: string): SharedBytes {
    this.encoded = encoder.encode(text)
    return { bytes: this.encoded, chunk: undefined }
  }

  write(bytes: Uint8Array): boolean {
    // What is read belongs to the reader, who may transfer it, as a byte stream does. Others have the same bytes, or
    // others in the same memory.
    const isOwn = bytes === this.encoded
    this.encoded = undefined
    this.controller?.enqueue((isOwn ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>)
    const hasRoom = (this.controller?.desiredSize ?? 0) > 0
    if (!hasRoom) this.awaitRoom()
    return hasRoom
  }

  end(): void {
    this.isEnding = true
    if (this.bufferedBytes === 0) this.close()
    else this.awaitRoom()
  }

  destroy(reason: Error): void {
    this.controller?.error(reason)
  }

  release(): void {
    this.listener = undefined
    this.request.signal.removeEventListener('abort', this.onGone)
    if (this.init !== undefined) this.answer({ status: CLIENT_CLOSED_REQUEST, headers: {} }, null)
    this.answered.delete(this.request)
  }

  protected createBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream(
      {
        start: (controller) => {
          this.controller = controller
        },
        pull: () => this.pull(),
        cancel: this.onGone,
      },
      STRATEGY,
    )
  }

  // While it is pending, the stream does not ask for more with every chunk, which takes a tenth of the time of a
  // delivery: it matters that there is room only after there was none, or at the end.
  private pull(): Promise<void> | undefined {
    this.pulled()
    if (this.isEnding || (this.controller?.desiredSize ?? 0) <= 0) return undefined
    return new Promise((resolve) => {
      this.resolvePull = resolve
    })
  }

  private awaitRoom(): void {
    this.resolvePull?.()
    this.resolvePull = undefined
  }

  protected pulled(): void {
    if (!this.isEnding) this.listener?.drained()
    else if (this.bufferedBytes === 0) this.close()
  }

  // Closed only once the reader took everything: until then a stalled reader can still time out.
  protected close(): void {
    this.closeBody()
    this.listener?.finished()
  }

  protected closeBody(): void {
    this.controller?.close()
  }

  private answer(head: ResponseHead, body: WebBody): void {
    const { init } = this
    this.init = undefined
    init?.respond(head, body)
  }
}
