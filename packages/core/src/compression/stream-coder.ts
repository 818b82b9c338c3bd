import * as zlib from 'node:zlib'
import { concat } from '../channel/event-log.ts'
import type { CreateCoder } from './coder.ts'

const { constants } = zlib

// Fast, and with a window that holds some dozens of events: with the default ones, a stream would take megabytes.
const GZIP_WINDOW_BITS = 13
const GZIP_MEMORY_LEVEL = 6
const BROTLI_QUALITY = 4
const BROTLI_WINDOW_BITS = 16
const ZSTD_LEVEL = 1
const ZSTD_WINDOW_LOG = 15

/** Gzip for one response, where it cannot be put together of pieces. */
export const createGzipStreamCoder: CreateCoder = createStreamCoder(
  () => zlib.createGzip({ windowBits: GZIP_WINDOW_BITS, memLevel: GZIP_MEMORY_LEVEL }),
  constants.Z_SYNC_FLUSH,
)

/** Brotli for one response. */
export const createBrotliCoder: CreateCoder = createStreamCoder(
  () =>
    zlib.createBrotliCompress({
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      },
    }),
  constants.BROTLI_OPERATION_FLUSH,
)

/** Zstandard for one response. */
export const createZstdCoder: CreateCoder = createStreamCoder(
  () =>
    zlib.createZstdCompress({
      params: {
        [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
        [constants.ZSTD_c_windowLog]: ZSTD_WINDOW_LOG,
      },
    }),
  constants.ZSTD_e_flush,
)

/**
 * What cannot be put together of pieces: one compressor stays for the whole response, and answers later, from
 * another thread. What was written meanwhile waits in it, and counts as held.
 */
function createStreamCoder(
  createCompressor: () => zlib.Gzip | zlib.BrotliCompress | zlib.ZstdCompress,
  flushKind: number,
): CreateCoder {
  return (listener) => {
    const compressor = createCompressor()
    const out: Uint8Array[] = []
    let heldBytes = 0
    let isReleased = false
    const letOut = (plainBytes: number): void => {
      heldBytes -= plainBytes
      const coded = concat(out.splice(0))
      listener.coded(coded, plainBytes)
    }
    compressor.on('data', (bytes: Uint8Array) => out.push(bytes))
    compressor.on('error', (error) => {
      if (!isReleased) listener.failed(error)
    })
    compressor.on('end', () => {
      if (isReleased) return
      letOut(0)
      listener.ended()
    })
    return {
      get heldBytes() {
        return heldBytes
      },
      write(bytes) {
        if (isReleased) return undefined
        const { length } = bytes
        heldBytes += length
        compressor.write(bytes)
        compressor.flush(flushKind, () => {
          if (!isReleased) letOut(length)
        })
        return undefined
      },
      end() {
        if (!isReleased) compressor.end()
      },
      release() {
        if (isReleased) return
        isReleased = true
        out.length = 0
        compressor.destroy()
      },
    }
  }
}
