import { constants, gunzipSync } from 'node:zlib'
import type { Coder, CreateCoder } from '../src/compression/coder.ts'
import type { SharedBytes } from '../src/sinks/sink.ts'

/** A client of one coder, which keeps all that came out. */
export interface GzipClient {
  readonly coder: Coder
  /** What came out, write by write, and what it is the whole of. */
  readonly writes: { readonly bytes: Uint8Array; readonly shared: SharedBytes | undefined }[]
  /** What a client makes of all that has come so far. */
  text(): string
  /** The same for a client that insists on a complete body. */
  whole(): string
  hasEnded(): boolean
}

export function createGzipClient(createCoder: CreateCoder): GzipClient {
  const writes: GzipClient['writes'] = []
  let hasEnded = false
  const made = createCoder({
    coded: (bytes) => void writes.push({ bytes, shared: undefined }),
    ended: () => {
      hasEnded = true
    },
    failed: (error) => {
      throw error
    },
  })
  const coder: Coder = {
    heldBytes: made.heldBytes,
    end: () => made.end(),
    release: () => made.release(),
    write(bytes, shared, start) {
      const coded = made.write(bytes, shared, start)
      if (coded !== undefined) writes.push({ bytes: coded.bytes, shared: shared && coded })
      return coded
    },
  }
  const all = (): Buffer => Buffer.concat(writes.map(({ bytes }) => bytes))
  return {
    coder,
    writes,
    text: () => gunzipSync(all(), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
    whole: () => gunzipSync(all()).toString(),
    hasEnded: () => hasEnded,
  }
}
