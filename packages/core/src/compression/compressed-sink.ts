import type { ResponseHead, SharedBytes, Sink, SinkListener } from '../sinks/sink.ts'
import { chooseEncoding } from './accept-encoding.ts'
import type { Coder, CoderListener, CreateCoder } from './coder.ts'
import { createLedger, type Ledger } from './ledger.ts'

const encoder: TextEncoder = new TextEncoder()

// What a coder that works in another thread may have to do: as much as a stream may write in a turn, so that one that keeps
// up is not taken for a client that does not read.
const MAX_CODING_BYTES = 65_536

/** How to compress, by content coding, in order of preference. */
export type Codings<Name extends string> = ReadonlyMap<Name, CreateCoder>

/**
 * Puts compression before a sink, if its client wants any: nothing above it notices. Each write comes out whole
 * before the next, so that an event leaves at once.
 *
 * @param acceptEncoding - The header of the request.
 */
export function createCompressedSink<Name extends string>(
  inner: Sink,
  acceptEncoding: string | null | undefined,
  codings: Codings<Name>,
): Sink {
  return new CompressedSink(inner, acceptEncoding, codings)
}

// A class, as there is one for each of many streams, which then share the methods.
class CompressedSink<Name extends string> implements Sink, SinkListener, CoderListener {
  private readonly inner: Sink
  private readonly acceptEncoding: string | null | undefined
  private readonly codings: Codings<Name>
  private listener: SinkListener | undefined = undefined
  private coder: Coder | undefined = undefined
  private ledger: Ledger | undefined = undefined
  // Handed over since somebody last asked how much waits.
  private plainBytes = 0
  private codedBytes = 0
  private hasRoom = true
  /** Set when the end was asked for, which may wait for the coder. */
  private closesConnection: boolean | undefined = undefined

  constructor(inner: Sink, acceptEncoding: string | null | undefined, codings: Codings<Name>) {
    this.inner = inner
    this.acceptEncoding = acceptEncoding
    this.codings = codings
  }

  get isGone(): boolean {
    return this.inner.isGone
  }

  get isSent(): boolean {
    return this.inner.isSent
  }

  get bufferedBytes(): number {
    const { inner, coder, plainBytes, codedBytes } = this
    const held = inner.bufferedBytes
    if (coder === undefined) return held
    if (held > 0) {
      this.ledger ??= createLedger()
      this.ledger.wrote(plainBytes, codedBytes)
    } else if (this.ledger !== undefined) {
      this.ledger = undefined
    }
    this.plainBytes = 0
    this.codedBytes = 0
    return this.ledger === undefined ? coder.heldBytes : coder.heldBytes + this.ledger.held(held)
  }

  header(name: string): string | null | undefined {
    return this.inner.header(name)
  }

  listen(listener: SinkListener): void {
    if (this.listener === undefined) this.inner.listen(this)
    this.listener = listener
  }

  open(given: ResponseHead): void {
    const { encoding, head } = this.negotiate(given)
    this.inner.open(head)
    if (encoding !== undefined) this.coder = this.codings.get(encoding)?.(this)
  }

  reply(head: ResponseHead, body: string): void {
    // The answer to HEAD has the headers that GET would have; refusals are never compressed.
    const isHead = head.status === 200 && body === ''
    this.inner.reply(isHead ? this.negotiate(head).head : head, body)
  }

  encode(text: string): SharedBytes {
    return this.coder === undefined ? this.inner.encode(text) : { bytes: encoder.encode(text) }
  }

  write(bytes: Uint8Array, shared?: SharedBytes, start = 0): boolean {
    const { inner, coder } = this
    if (coder === undefined) return inner.write(bytes, shared, start)
    const coded = coder.write(bytes, shared, start)
    if (coded !== undefined) {
      this.plainBytes += bytes.length
      this.codedBytes += coded.bytes.length
      this.hasRoom = inner.write(coded.bytes, coded)
    }
    return this.hasRoom && coder.heldBytes < MAX_CODING_BYTES
  }

  end(closeConnection: boolean): void {
    this.closesConnection = closeConnection
    if (this.coder === undefined) this.inner.end(closeConnection)
    else this.coder.end()
  }

  destroy(reason: Error, closeConnection: boolean): void {
    this.coder?.release()
    this.inner.destroy(reason, closeConnection)
  }

  release(): void {
    this.listener = undefined
    this.coder?.release()
    this.inner.release()
  }

  /** The sink below has room again. */
  drained(): void {
    this.hasRoom = true
    this.announceRoom()
  }

  finished(): void {
    this.listener?.finished()
  }

  gone(): void {
    this.listener?.gone()
  }

  coded(bytes: Uint8Array, plainBytes: number): void {
    this.plainBytes += plainBytes
    this.codedBytes += bytes.length
    this.hasRoom = this.inner.write(bytes)
    this.announceRoom()
  }

  ended(): void {
    this.inner.end(this.closesConnection ?? false)
  }

  failed(error: Error): void {
    this.inner.destroy(error, this.closesConnection ?? false)
  }

  private announceRoom(): void {
    if (!this.hasRoom || this.closesConnection !== undefined) return
    const { coder, listener } = this
    if (coder === undefined || coder.heldBytes < MAX_CODING_BYTES) listener?.drained()
  }

  private negotiate(head: ResponseHead): { encoding: Name | undefined; head: ResponseHead } {
    const { inner, codings } = this
    // Somebody has encoded it already, or means to.
    if ((inner.header('Content-Encoding') ?? '') !== '') return { encoding: undefined, head }
    const encoding = chooseEncoding(this.acceptEncoding, [...codings.keys()])
    const headers = { ...head.headers, Vary: vary(inner.header('Vary')) }
    if (encoding === undefined) return { encoding, head: { ...head, headers } }
    return { encoding, head: { ...head, headers: { ...headers, 'Content-Encoding': encoding } } }
  }
}

/** A cache must not give one client what was encoded for another. */
function vary(existing: string | null | undefined): string {
  if (existing === null || existing === undefined || existing === '') return 'Accept-Encoding'
  return /(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(existing)
    ? existing
    : `${existing}, Accept-Encoding`
}
