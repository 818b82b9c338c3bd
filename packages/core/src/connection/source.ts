import { SseError, show } from '../errors.ts'
import { swallow } from '../thenable.ts'

/**
 * Where the events of a stream may come from: anything that can be iterated, sync or async, a web
 * `ReadableStream`, or a Node `Readable` (which is an async iterable).
 *
 * @public
 */
export type Source<Event> =
  // Is an async iterable as well. By its own name, compilers say what is wrong with a yield.
  AsyncGenerator<Event, unknown> | AsyncIterable<Event> | Iterable<Event> | ReadableStream<Event>

/** A source that was started. */
export interface Pull {
  /** Asks for the next event. */
  next(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>
  /** Tells the source to stop. What it returns settles when the source has cleaned up. */
  stop(): unknown
}

const FOR_HANDLERS =
  'A handler must return an async iterable, an iterable, a ReadableStream, a Node Readable, or nothing after it sent its events with `stream.send()`'

/**
 * Starts a source.
 *
 * @param rule - What the error of a value that is none says that it must be.
 * @throws {@link SseError} `ERR_SSE_INVALID_SOURCE` if the value cannot be streamed.
 */
export function startSource(value: unknown, rule: string = FOR_HANDLERS): Pull {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    if (isReadableStream(value)) return pullStream(value)
    if (isAsyncIterable(value)) return pullIterator(value[Symbol.asyncIterator](), value)
    if (isIterable(value)) return pullIterator(value[Symbol.iterator](), value)
  }
  throw new SseError('ERR_SSE_INVALID_SOURCE', `${rule}, got ${show(value)}.${fixFor(value)}`)
}

/**
 * Checks what a source gives when it is done. It is not sent, but somebody who returns a response from a
 * generator means it to be.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_SOURCE` if it is a response.
 */
export function assertNoResponse(value: unknown): void {
  if (!isResponse(value)) return
  throw new SseError(
    'ERR_SSE_INVALID_SOURCE',
    `A generator must yield its events and return nothing, got ${show(value)}.${fixFor(value)}`,
  )
}

/**
 * Lets go of a source that is not going to be used, because the client was refused or is gone.
 * A generator that was never started has nothing to clean up, but a stream holds its resource.
 */
export function discardSource(value: unknown): void {
  try {
    const source = startSource(value)
    swallow(source.stop())
  } catch {
    // Not a source at all: nothing is held, and nobody is left to be told.
  }
}

/** Keeps a source that waits for its turn: a `Readable` that fails before anybody listens ends the process. */
export function keepSource(value: unknown): void {
  if (typeof value === 'object' && value !== null && isReadable(value)) ignoreErrors(value)
}

function pullIterator(iterator: AsyncIterator<unknown> | Iterator<unknown>, owner: object): Pull {
  return {
    next: () => iterator.next(),
    stop: () => (isReadable(owner) ? destroyReadable(owner) : iterator.return?.()),
  }
}

/** What is needed of a Node `Readable`. */
interface ReadableLike {
  readonly pipe: unknown
  on(event: 'error', listener: () => void): unknown
  destroy(): unknown
}

function isReadable(owner: object): owner is ReadableLike {
  const { pipe, on, destroy } = owner as Partial<ReadableLike>
  return [pipe, on, destroy].every((method) => typeof method === 'function')
}

// Its iterator cannot return while it waits for data; destroying the stream frees it.
function destroyReadable(readable: ReadableLike): void {
  // What fails while it is destroyed, such as the opening of its file, would have no listener and end the process.
  ignoreErrors(readable)
  readable.destroy()
}

function ignoreErrors(readable: ReadableLike): void {
  readable.on('error', () => undefined)
}

function pullStream(stream: ReadableStream<unknown>): Pull {
  if (stream.locked) {
    const rule = 'A ReadableStream must not be locked: something else already reads it'
    throw new SseError('ERR_SSE_INVALID_SOURCE', `${rule}, got ${show(stream)}.`)
  }
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    stop: () => reader.cancel(),
  }
}

function isReadableStream(value: object): value is ReadableStream<unknown> {
  return typeof (value as ReadableStream).getReader === 'function'
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
}

function isResponse(value: unknown): boolean {
  const { status, headers } = (value ?? {}) as Partial<Response>
  return typeof status === 'number' && typeof headers === 'object'
}

function fixFor(value: unknown): string {
  if (typeof value === 'string') return ' To send one event, return an array: `[text]`.'
  if (typeof value === 'function') return ' Call it, and return what it returns.'
  if (typeof value === 'object' && value !== null && ('data' in value || 'event' in value)) {
    return ' To send one event, return an array: `[event]`.'
  }
  if (isResponse(value)) {
    return ' To answer with an ordinary response, decide in an ordinary handler and call `sse.respond()` only for the stream.'
  }
  return ''
}
