import type { HeaderReader } from '../wire/response-headers.ts'
import type { Sink } from './sink.ts'

/**
 * How event streams are compressed: what `createCompression()` of `@sse/core/compression` gives.
 *
 * @public
 */
export interface Compression {
  /**
   * Puts itself before the sink of one response.
   *
   * @param header - Reads a header of the request, by its name in lower case.
   * @internal
   */
  (sink: Sink, header: HeaderReader): Sink
}
