import type { ResponseHead, Sink, SinkListener } from '../sinks/sink.ts'
import { chooseEncoding } from './accept-encoding.ts'
import type { Coder, CoderListener, CreateCoder } from './coder.ts'
import { createLedger, type Ledger } from './ledger.ts'

const encoder: TextEncoder = new TextEncoder()

// As much as a Node stream takes before it asks to wait.
const MAX_CODING_BYTES = 16_384

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
  let listener: SinkListener | undefined
  let coder: Coder | undefined
  let ledger: Ledger | undefined
  // Handed over since somebody last asked how much waits.
  let plainBytes = 0
  let codedBytes = 0
  let hasRoom = true
  // Set when the end was asked for, which may wait for the coder.
  let closesConnection: boolean | undefined

  const drained = (): void => {
    if (!hasRoom || closesConnection !== undefined) return
    if (coder === undefined || coder.heldBytes < MAX_CODING_BYTES) listener?.drained()
  }
  const fromCoder: CoderListener = {
    coded(bytes, plain) {
      plainBytes += plain
      codedBytes += bytes.length
      hasRoom = inner.write(bytes)
      drained()
    },
    ended: () => inner.end(closesConnection ?? false),
    failed: (error) => inner.destroy(error, closesConnection ?? false),
  }
  const fromInner: SinkListener = {
    drained() {
      hasRoom = true
      drained()
    },
    finished: () => listener?.finished(),
    gone: () => listener?.gone(),
  }
  const negotiate = (head: ResponseHead): { encoding: Name | undefined; head: ResponseHead } => {
    // Somebody has encoded it already, or means to.
    if ((inner.header('Content-Encoding') ?? '') !== '') return { encoding: undefined, head }
    const encoding = chooseEncoding(acceptEncoding, [...codings.keys()])
    const headers = { ...head.headers, Vary: vary(inner.header('Vary')) }
    if (encoding === undefined) return { encoding, head: { ...head, headers } }
    return { encoding, head: { ...head, headers: { ...headers, 'Content-Encoding': encoding } } }
  }

  return {
    get isGone() {
      return inner.isGone
    },
    get isSent() {
      return inner.isSent
    },
    get bufferedBytes() {
      const held = inner.bufferedBytes
      if (coder === undefined) return held
      if (held > 0) {
        ledger ??= createLedger()
        ledger.wrote(plainBytes, codedBytes)
      } else if (ledger !== undefined) {
        ledger = undefined
      }
      plainBytes = 0
      codedBytes = 0
      return ledger === undefined ? coder.heldBytes : coder.heldBytes + ledger.held(held)
    },
    header: (name) => inner.header(name),
    listen(newListener) {
      if (listener === undefined) inner.listen(fromInner)
      listener = newListener
    },
    open(given) {
      const { encoding, head } = negotiate(given)
      inner.open(head)
      if (encoding === undefined) return
      coder = codings.get(encoding)?.(fromCoder)
    },
    reply(head, body) {
      // The answer to HEAD has the headers that GET would have; refusals are never compressed.
      const isHead = head.status === 200 && body === ''
      inner.reply(isHead ? negotiate(head).head : head, body)
    },
    encode: (text) => (coder === undefined ? inner.encode(text) : { bytes: encoder.encode(text) }),
    write(bytes, shared, start = 0) {
      if (coder === undefined) return inner.write(bytes, shared, start)
      const coded = coder.write(bytes, shared, start)
      if (coded !== undefined) {
        plainBytes += bytes.length
        codedBytes += coded.bytes.length
        hasRoom = inner.write(coded.bytes, coded)
      }
      return hasRoom && coder.heldBytes < MAX_CODING_BYTES
    },
    end(closeConnection) {
      closesConnection = closeConnection
      if (coder === undefined) inner.end(closeConnection)
      else coder.end()
    },
    destroy(reason, closeConnection) {
      coder?.release()
      inner.destroy(reason, closeConnection)
    },
    release() {
      listener = undefined
      coder?.release()
      inner.release()
    },
  }
}

/** A cache must not give one client what was encoded for another. */
function vary(existing: string | null | undefined): string {
  if (existing === null || existing === undefined || existing === '') return 'Accept-Encoding'
  return /(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(existing)
    ? existing
    : `${existing}, Accept-Encoding`
}
