import type { RespondDefinition } from '../scenario.ts'
import { readableStream } from './sources.ts'
import { stageEvents, tracked } from './tools.ts'

/** Ordinary handlers that open an event stream once they have decided to. */
export const RESPONDERS: readonly RespondDefinition[] = [
  {
    path: '/respond',
    answer: (respond, place) => respond(tracked(place, () => stageEvents(place))),
  },
  {
    path: '/respond/array',
    answer: (respond, { stage }) => respond(stage.events),
  },
  {
    path: '/respond/handler',
    answer: (respond, place) =>
      respond(async function* (stream) {
        yield { data: { id: stream.id } }
        yield* stageEvents(place)
      }),
  },
  {
    path: '/respond/stream',
    answer: (respond, place) => respond(readableStream(place)),
  },
  {
    // Asks somebody else first, which takes a while.
    path: '/respond/late',
    answer: async (respond, place) => {
      const source = readableStream(place)
      await place.stage.pass('late')
      const result = await respond(source)
      place.recorder.order.push('responded')
      return result
    },
  },
  {
    path: '/respond/twice',
    answer: async (respond, { recorder }) => {
      const result = await respond(['one'])
      await respond(['two']).catch((error: unknown) => recorder.order.push(codeOf(error)))
      return result
    },
  },
  {
    path: '/respond/throw',
    answer: (respond, place) =>
      respond(
        tracked(place, () => {
          throw place.stage.error
        }),
      ),
  },
  {
    path: '/respond/answered',
    isAnswered: true,
    answer: (respond, place) =>
      respond(readableStream(place)).catch((error: unknown) => {
        place.recorder.order.push(codeOf(error))
        // The framework has its answer already.
        return undefined as never
      }),
  },
  {
    path: '/respond/channel',
    answer: (respond, { stage }) => respond((stream) => stage.channel.subscribe(stream)),
  },
  { path: '/respond/garbage', answer: (respond) => respond(42 as never) },
]

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}
