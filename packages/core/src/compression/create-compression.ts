import * as zlib from 'node:zlib'
import { type Check, checkAll, invalidOption, isTrue } from '../check-options.ts'
import { areTimersRequestBound } from '../connection/clock.ts'
import type { Compression } from '../sinks/compression.ts'
import type { CreateCoder } from './coder.ts'
import { createCompressedSink } from './compressed-sink.ts'
import { canReferBack } from './deflate.ts'
import { createGzipCoder } from './gzip-coder.ts'
import { createBrotliCoder, createGzipStreamCoder, createZstdCoder } from './stream-coder.ts'

/**
 * A content coding.
 *
 * @public
 */
export type Encoding = 'gzip' | 'br' | 'zstd'

/**
 * Options of {@link createCompression}.
 *
 * @public
 */
export interface CompressionOptions {
  /**
   * What clients may get, the favourite of the server first: it counts where a client likes several equally well, as
   * nearly all do. What the runtime cannot do is left out: Node has `zstd` from 22.15.
   * @defaultValue `['gzip', 'br', 'zstd']`: gzip needs the least time and memory, and is the one that channels share
   */
  encodings?: readonly Encoding[] | undefined
  /**
   * Compresses every event by itself, so that the size of one says nothing about the text of another. For streams that
   * bring secrets together with text that others choose. Only with gzip, and small events get hardly smaller.
   * @defaultValue `false`
   */
  isolateEvents?: boolean | undefined
}

const CODERS: Readonly<Record<Encoding, CreateCoder>> = {
  gzip: createGzipCoder(false),
  br: createBrotliCoder,
  zstd: createZstdCoder,
}

function coderFor(name: Encoding): CreateCoder {
  // The safe way for every runtime, with a compressor for each stream, and nothing that is shared.
  return name === 'gzip' && !canReferBack() ? createGzipStreamCoder : CODERS[name]
}

const CHECKS: Readonly<Record<keyof CompressionOptions, Check>> = {
  encodings(name, value) {
    const known = Object.keys(CODERS)
    if (Array.isArray(value) && value.length > 0 && value.every((each) => known.includes(each))) {
      return value
    }
    throw invalidOption(name, `must be an array of one or more of ${known.join(', ')}`, value)
  },
  isolateEvents: isTrue,
}

/**
 * Makes what the option `compression` of `createSse()` and of routes takes: streams are then compressed for clients
 * that accept it, by their `Accept-Encoding`, and every event still leaves at once. All others get what they got
 * before. Streams that follow a channel share its compressed bytes where that is gzip: an event is compressed once,
 * however many get it.
 *
 * Off unless it is given, because compression gives away text to those who see the size of a stream and can choose a
 * part of it: see the guide on compression before you turn it on for streams with secrets.
 *
 * It needs `node:zlib`, which Node, Bun and Deno have; the `CompressionStream` of browsers cannot let out one event.
 * On Cloudflare Workers streams stay as they are: compression is the business of the network there.
 *
 * @param options - What to use; by default the best that the runtime has.
 * @returns What goes into `compression`. May be given to any number of routes.
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`, also where `isolateEvents` is to go with another encoding
 * than gzip, or where the runtime has none of `encodings`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.4}
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createCompression } from '@sse/core/compression'
 * import { createSse } from '@sse/core/node'
 *
 * const sse = createSse({ compression: createCompression() })
 *
 * createServer(
 *   sse.handler(async function* () {
 *     yield { event: 'price', data: { symbol: 'ABC', value: 3 } }
 *   }),
 * ).listen(3000)
 * ```
 *
 * @public
 */
export function createCompression(options: CompressionOptions = {}): Compression {
  const checked = checkAll('options', '', CHECKS, options) as CompressionOptions
  const { isolateEvents = false } = checked
  const wanted = checked.encodings ?? (isolateEvents ? ['gzip'] : ['gzip', 'br', 'zstd'])
  if (isolateEvents && wanted.some((name) => name !== 'gzip')) {
    const rule = "must be ['gzip'] with `isolateEvents`, because the others cannot do that"
    throw invalidOption('encodings', rule, wanted.join(', '))
  }
  const codings = new Map<Encoding, CreateCoder>()
  for (const name of wanted) {
    if (name === 'zstd' && typeof zlib.createZstdCompress !== 'function') continue
    codings.set(name, isolateEvents ? createGzipCoder(true) : coderFor(name))
  }
  if (codings.size === 0) {
    throw invalidOption('encodings', 'must hold one that this runtime has', wanted.join(', '))
  }
  return (sink, header) =>
    // Where timers die with their request, the network compresses, and what comes compressed it would compress again.
    areTimersRequestBound() ? sink : createCompressedSink(sink, header('accept-encoding'), codings)
}
