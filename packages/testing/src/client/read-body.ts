import { nextTurn } from '../clock.ts'
import { finish, type StreamState } from './stream-state.ts'

// A source that never lets go of the event loop would keep timeouts from firing.
const CHUNKS_PER_TURN = 32

/**
 * Reads a body to its end: as fast as it comes while somebody waits, and otherwise until
 * `readAheadBytes` have come after the last event taken. Never rejects.
 */
export async function readBody(
  state: StreamState,
  readAheadBytes: number,
  elapsedMs: () => number,
): Promise<void> {
  const { received, waiting } = state
  const chunks = state.response.body[Symbol.asyncIterator]()
  try {
    while (!state.end) {
      if (!isWanted(state, readAheadBytes)) {
        await new Promise<void>((resolve) => (state.wake = resolve))
        continue
      }
      const next = await chunks.next()
      if (next.done) return finish(state, 'completed')
      received.feed(next.value, elapsedMs())
      waiting.notify()
      if (received.chunks.length % CHUNKS_PER_TURN === 0) await nextTurn()
    }
  } catch (cause) {
    finish(state, 'cut', cause)
  }
  // Closed by the test between two chunks: whoever makes them may hold something.
  await chunks.return?.()
}

function isWanted({ received, taken, waiting }: StreamState, readAheadBytes: number): boolean {
  return waiting.count > 0 || received.bytes - received.bytesUpTo(taken) < readAheadBytes
}
