import type { Server } from 'node:http'
import { type Channel, createChannel, type EventStream } from '@sse/core'
import { EVENT, type SystemApp, type SystemOptions } from './system.ts'

/** What a handler does: follows the channel, or is sent events of its own. */
export type Source = (stream: EventStream) => Promise<void>

/** `@sse`: what is the same with every framework. */
export function createOurs(
  { heartbeatMs = 0, isDistinct = false, history = 0, overflow = 'disconnect' }: SystemOptions,
  listen: (source: Source, options: { readonly heartbeatMs: number }) => Server,
): SystemApp {
  const channel: Channel = createChannel({
    overflow,
    ...(history > 0 && { history: { maxEvents: history } }),
  })
  const streams = new Set<EventStream>()
  let firstId = ''
  const source: Source = isDistinct
    ? async (stream) => {
        streams.add(stream)
        await stream.ended
        streams.delete(stream)
      }
    : (stream) => channel.subscribe(stream)
  return {
    server: listen(source, { heartbeatMs }),
    clients: () => streams.size + channel.stats().subscribers,
    publish({ id, data }) {
      // A channel with a history gives the ids.
      const published = channel.publish({ event: EVENT, data, ...(history === 0 && { id }) })
      firstId ||= published.id
    },
    publishEach(toTick) {
      let index = 0
      for (const stream of streams) {
        const { id, data } = toTick(index++)
        void stream.send({ event: EVENT, id, data })
      }
    },
    firstEventId: () => firstId,
  }
}
