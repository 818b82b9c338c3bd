import type { Readable } from 'node:stream'

// As much as a `Readable` holds by default. What it holds itself is lost when it is destroyed;
// what was taken out of it stays, so that bytes which came before a reset are still delivered.
const HIGH_WATER_MARK_BYTES = 65_536

interface Intake {
  readonly chunks: Uint8Array[]
  heldBytes: number
  failure: Error | undefined
  /** Not `stream.closed`, which an HTTP/2 stream says while it still holds bytes. */
  isClosed: boolean
  wake: () => void
}

/**
 * The chunks of a Node stream, one by one as they came. A `for await` over the stream itself would
 * join those that came together, and so hide where the server's writes ended. The stream flows
 * only while the consumer asks for more.
 *
 * @param stream - Anything readable that emits `close` in the end, whatever happens.
 * @param isComplete - Asked at `close`: whether all that was announced has come.
 */
export function readableChunks(
  stream: Readable,
  isComplete: () => boolean,
): AsyncIterable<Uint8Array> {
  const intake: Intake = {
    chunks: [],
    heldBytes: 0,
    failure: undefined,
    isClosed: stream.destroyed && stream.closed,
    wake: () => {},
  }
  stream.pause()
  stream.on('data', (chunk: Uint8Array) => {
    intake.chunks.push(chunk)
    intake.heldBytes += chunk.byteLength
    if (intake.heldBytes >= HIGH_WATER_MARK_BYTES) stream.pause()
    intake.wake()
  })
  stream.on('error', (error) => {
    intake.failure = error
  })
  stream.on('close', () => {
    intake.isClosed = true
    intake.wake()
  })
  return takeChunks(stream, intake, isComplete)
}

async function* takeChunks(
  stream: Readable,
  intake: Intake,
  isComplete: () => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  while (true) {
    const chunk = intake.chunks.shift()
    if (chunk) {
      intake.heldBytes -= chunk.byteLength
      yield chunk
    } else if (intake.isClosed) {
      if (!intake.failure && isComplete()) return
      throw intake.failure ?? new Error('closed before the response body was complete')
    } else {
      const more = new Promise<void>((resolve) => (intake.wake = resolve))
      stream.resume()
      await more
      // Whoever stops asking also stops reading; what is in flight in this turn still arrives.
      stream.pause()
    }
  }
}
