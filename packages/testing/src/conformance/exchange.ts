import type { EventInput } from '@sse/core'
import type { ConnectOptions } from '../client/connect.ts'
import type { EventStreamConnection } from '../client/event-stream-connection.ts'
import type { ReceivedEvent } from '../client/received-event.ts'
import type { Trial } from './trial.ts'

/** One event stream from its first to its last byte. */
export interface Exchanged {
  readonly connection: EventStreamConnection
  readonly events: readonly ReceivedEvent[]
  /** The `data` of each event. */
  readonly data: readonly string[]
  /** The whole body. */
  readonly text: string
}

/** Lets the sources send `events`, asks one of them, and reads all that comes until the stream ends. */
export async function exchange(
  { stage, connect }: Trial,
  events: readonly EventInput[],
  path = '/events',
  options: ConnectOptions = {},
): Promise<Exchanged> {
  stage.events = events
  const connection = await connect(path, options)
  const received = await connection.all()
  return {
    connection,
    events: received,
    data: received.map(({ data }) => data),
    text: connection.text,
  }
}
