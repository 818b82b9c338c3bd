import type { ServerResponse } from 'node:http'

type Bytes = Uint8Array<ArrayBuffer>
type Result = ReadableStreamReadResult<Bytes>
type Reader = ReadableStreamDefaultReader<Bytes>

/** A body, the response that it may be written to, and what is known of the two. */
export interface Proof {
  readonly res: ServerResponse
  /** Whether it has turned out: after that nothing is looked at any more. */
  isSettled: boolean
  /** Whether a chunk was asked for, and nobody was seen yet to wait for it. */
  isUnseen: boolean
  /** What the functions were given that wait for a chunk, in all. */
  takenBytes: number
  lastTaken: Bytes | undefined
  /**
   * A chunk was written as it is.
   *
   * @returns whether that was all that the body was given until now; otherwise the next chunk will tell.
   */
  onWritten(takenBytes: number): boolean
  /** The reader was let go after the proof, which holds no longer. */
  onReleased(): void
}

// On the body, its readers, and the promises of these. Not closures of their own: idle connections have all three.
const PROOF: unique symbol = Symbol('proof')

const TAKEN: unique symbol = Symbol('taken')

interface Watched {
  readonly [PROOF]: Proof
}

interface WatchedResult extends Promise<Result>, Watched {
  /** Several may wait for it. */
  [TAKEN]: boolean
}

/**
 * Looks for proof that whoever reads a body writes it, as it is, to one response and nowhere else. A bridge from fetch
 * to Node does: `reader.read().then(({ value }) => res.write(value))`. Middleware that wraps the body does not. Nor do
 * `pipeTo`, `tee` and `for await`, and `await reader.read()`: they call nothing that is seen here.
 *
 * The proof is that a chunk is the only argument of the only `res.write` during the call of the function that waited for
 * it. It is tried with the first chunk that somebody waits for after the head was sent, and with the next ones only
 * while there is more to read.
 */
export function watchBody(body: ReadableStream<Bytes>, proof: Proof): void {
  Object.assign(body, { [PROOF]: proof, getReader: getWatchedReader })
}

function getWatchedReader(this: ReadableStream<Bytes> & Watched, ...args: unknown[]): Reader {
  const reader = Reflect.apply(ReadableStream.prototype.getReader, this, args) as Reader
  const proof = this[PROOF]
  if (proof.isSettled) return reader
  return Object.assign(reader, { [PROOF]: proof, read: watchedRead, releaseLock: watchedRelease })
}

function watchedRead(this: Reader & Watched): Promise<Result> {
  const result: Promise<Result> = ReadableStreamDefaultReader.prototype.read.call(this)
  const proof = this[PROOF]
  // Those who are not seen to wait would never be, but pay for it with each chunk.
  proof.isSettled ||= proof.isUnseen
  if (proof.isSettled) return result
  proof.isUnseen = true
  // oxlint-disable-next-line unicorn/no-thenable -- It is a promise, whose own `then` does what any other does.
  return Object.assign(result, { [PROOF]: proof, [TAKEN]: false, then: watchedThen })
}

function watchedRelease(this: Reader & Watched): void {
  ReadableStreamDefaultReader.prototype.releaseLock.call(this)
  if (this[PROOF].isSettled) this[PROOF].onReleased()
}

function watchedThen(
  this: WatchedResult,
  onFulfilled?: ((result: Result) => unknown) | null,
  onRejected?: ((error: unknown) => unknown) | null,
): Promise<unknown> {
  const proof = this[PROOF]
  proof.isUnseen = false
  // Who asks before the head was sent does not write what he gets, or writes it before the head.
  const isTrial = proof.res.headersSent
  const consume = (result: Result): unknown => {
    take(this, result)
    if (isTrial && !proof.isSettled && !result.done) return tryOut(proof, result, onFulfilled)
    return onFulfilled?.(result)
  }
  const isFunction = typeof onFulfilled === 'function'
  return Promise.prototype.then.call(this, isFunction ? consume : onFulfilled, onRejected)
}

function take(result: WatchedResult, { value }: Result): void {
  if (value === undefined || result[TAKEN]) return
  result[TAKEN] = true
  result[PROOF].takenBytes += value.byteLength
  result[PROOF].lastTaken = value
}

function tryOut(
  proof: Proof,
  result: ReadableStreamReadValueResult<Bytes>,
  onFulfilled: ((result: Result) => unknown) | null | undefined,
): unknown {
  const { res } = proof
  const chunk = result.value
  const write = res.write as (...args: unknown[]) => boolean
  let writes = 0
  const spy = ((...args: unknown[]) => {
    writes += args.length === 1 && args[0] === chunk ? 1 : 2
    return Reflect.apply(write, res, args)
  }) as typeof res.write
  res.write = spy
  try {
    return onFulfilled?.(result)
  } finally {
    const isOurs = res.write === spy
    // As a property of its own, and not deleted, which would make the object slow and large for good.
    if (isOurs) res.write = write as typeof res.write
    const isWritten = isOurs && writes === 1 && !res.writableEnded && !res.destroyed
    // What was taken after it was not written yet.
    const isLast = proof.lastTaken === chunk
    proof.isSettled = !isWritten || (isLast && proof.onWritten(proof.takenBytes))
    if (proof.isSettled) proof.lastTaken = undefined
  }
}
