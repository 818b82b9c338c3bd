import { createSse } from '@sse/core/node'
import { type Served, serve } from '@sse/testing'
import { createInbox } from '../inbox.ts'

const CHUNK = 'x'.repeat(65_536)
const SOURCE_BYTES = 256 * 1_048_576

/** A server with far more to say than any buffer takes. */
export interface LargeSource extends Served {
  /** How the next stream ended, and how much of it was made by then. */
  ended(): Promise<{ reason: string; pulledBytes: number }>
}

export async function serveLargeSource(): Promise<LargeSource> {
  const ends = createInbox<{ reason: string; pulledBytes: number }>('ends of streams')
  let pulledBytes = 0
  const sse = createSse({
    sendTimeoutMs: 500,
    onEnd: (reason) => ends.put({ reason, pulledBytes }),
  })
  const handler = sse.handler(function* () {
    for (pulledBytes = 0; pulledBytes < SOURCE_BYTES; pulledBytes += CHUNK.length) yield CHUNK
  })
  const served = await serve((req, res) => void handler(req, res))
  return { ...served, ended: () => ends.take() }
}
