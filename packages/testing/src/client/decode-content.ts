import { finished } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import type { TransportResponse } from './transports/transport.ts'

type Decoder = zlib.BrotliDecompress | zlib.Gunzip | zlib.Inflate | zlib.ZstdDecompress

const { constants } = zlib

const FLUSH = { flush: constants.Z_SYNC_FLUSH }
const createGzipDecoder = () => zlib.createGunzip(FLUSH)

// https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1, `br` of RFC 7932, and `zstd` of RFC 8878.
const DECODERS: ReadonlyMap<string, () => Decoder> = new Map<string, () => Decoder>([
  ['gzip', createGzipDecoder],
  ['x-gzip', createGzipDecoder],
  ['deflate', () => zlib.createInflate(FLUSH)],
  ['br', () => zlib.createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })],
  // Node has it from 22.15.
  ...(typeof zlib.createZstdDecompress === 'function'
    ? [['zstd', () => zlib.createZstdDecompress({ flush: constants.ZSTD_e_flush })] as const]
    : []),
])

/**
 * Undoes what `Content-Encoding` says was done to the body; the headers stay as they are. Each
 * piece is decoded as soon as it comes, so that what a compressing server flushed is seen at once.
 */
export function decodeContent(response: TransportResponse): TransportResponse {
  const codings = response.headers.get('content-encoding')?.toLowerCase().split(',') ?? []
  // Codings are listed in the order in which they were applied.
  const body = codings
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reduceRight((encoded, coding) => decode(encoded, coding), response.body)
  return { ...response, body }
}

async function* decode(
  body: AsyncIterable<Uint8Array>,
  coding: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = createDecoder(coding)
  const decoded: Uint8Array[] = []
  decoder.on('data', (chunk: Uint8Array) => decoded.push(chunk))
  // Also reported to whoever writes; without a listener it would be thrown at the process.
  decoder.on('error', () => {})
  try {
    for await (const chunk of body) {
      await write(decoder, chunk)
      if (decoded.length > 0) yield Buffer.concat(decoded.splice(0))
    }
    // The responses to HEAD have the header as well, and nothing to decode.
    if (decoder.bytesWritten > 0) await finished(decoder.end())
    if (decoded.length > 0) yield Buffer.concat(decoded)
  } finally {
    decoder.destroy()
  }
}

function createDecoder(coding: string): Decoder {
  const create = DECODERS.get(coding)
  if (create) return create()
  const known = [...DECODERS.keys()].join(', ')
  throw new Error(`the content encoding \`${coding}\` cannot be decoded, only ${known} can`)
}

/** Resolves when all that the bytes decode to has been emitted. */
function write(decoder: Decoder, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Bytes that cannot be decoded are reported by the event only, never to the callback.
    decoder.once('error', reject)
    decoder.write(bytes, (error) => {
      decoder.removeListener('error', reject)
      if (error) reject(error)
      else resolve()
    })
  })
}
