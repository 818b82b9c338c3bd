import type { ResponseHead, Sink, SinkListener } from './sink.ts'

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
export const HIGH_WATER_MARK_BYTES = 16_384

// nginx's code for a client that closed the connection; nobody is there to read it.
export const CLIENT_CLOSED_REQUEST = 499

const encoder: TextEncoder = new TextEncoder()

/** Writes to the `ReadableStream` of a fetch-style response. */
export function createWebSink(init: WebSinkInit): Sink {
  const { request, answered } = init
  const { signal } = request
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  let listener: SinkListener | undefined
  let isAnswered = false
  let isEnding = false

  const answer = (head: ResponseHead, body: WebBody): void => {
    isAnswered = true
    init.respond(head, body)
  }
  const gone = (): void => listener?.gone()
  const heldBytes = (): number =>
    controller === undefined ? 0 : HIGH_WATER_MARK_BYTES - (controller.desiredSize ?? 0)

  return {
    get isGone() {
      return signal.aborted
    },
    get isSent() {
      return init.isSent()
    },
    get bufferedBytes() {
      return heldBytes()
    },
    header: init.header,
    listen(newListener) {
      if (listener === undefined) signal.addEventListener('abort', gone)
      listener = newListener
    },
    open(head) {
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          start: (newController) => {
            controller = newController
          },
          pull: () => {
            if (!isEnding) listener?.drained()
            else if (heldBytes() === 0) close()
          },
          cancel: gone,
        },
        { highWaterMark: HIGH_WATER_MARK_BYTES, size: (chunk) => chunk.byteLength },
      )
      answer(head, body)
    },
    reply(head, body) {
      answer(head, body === '' ? null : body)
    },
    encode: (text) => ({ bytes: encoder.encode(text), chunk: undefined }),
    write(bytes) {
      controller?.enqueue(bytes as Uint8Array<ArrayBuffer>)
      return (controller?.desiredSize ?? 0) > 0
    },
    end() {
      isEnding = true
      if (heldBytes() === 0) close()
    },
    destroy(reason) {
      controller?.error(reason)
    },
    release() {
      listener = undefined
      signal.removeEventListener('abort', gone)
      if (!isAnswered) answer({ status: CLIENT_CLOSED_REQUEST, headers: {} }, null)
      answered.delete(request)
    },
  }

  // Closed only once the reader took everything: until then a stalled reader can still time out.
  function close(): void {
    controller?.close()
    listener?.finished()
  }
}
