import { Readable } from 'node:stream'
import type { EventInput, EventMap, HandlerResult } from '@sse/core'
import { logSource } from '../recorder.ts'
import type { HandlerDefinition } from '../scenario.ts'
import { type Place, stageEvents, tracked } from './tools.ts'

/** Makes a `ReadableStream` of the events of the stage. */
export function readableStream(place: Place): ReadableStream<EventInput> {
  const log = logSource(place.recorder)
  const events = stageEvents(place)
  return new ReadableStream<EventInput>(
    {
      async pull(controller) {
        const { done, value } = await events.next()
        if (!done) return controller.enqueue(value)
        controller.close()
        log.clean()
      },
      cancel: () => log.clean(),
    },
    { highWaterMark: 0 },
  )
}

function readable(place: Place): Readable {
  const log = logSource(place.recorder)
  const events = stageEvents(place)
  const stream: Readable = new Readable({
    objectMode: true,
    read() {
      void events.next().then(({ done, value }) => stream.push(done ? null : value))
    },
    destroy(error, done) {
      log.clean()
      done(error)
    },
  })
  return stream
}

/** An iterator that is no generator, so that every call of it shows. */
function iterator(place: Place): AsyncIterable<EventInput> {
  const log = logSource(place.recorder)
  const events = stageEvents(place)
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = await events.next()
        if (result.done) log.clean()
        return result
      },
      return: async () => {
        log.clean()
        return { done: true, value: undefined }
      },
    }),
  }
}

function* syncGenerator({ recorder, stage }: Place): Generator<EventInput, void, undefined> {
  const log = logSource(recorder)
  try {
    yield* stage.events
  } finally {
    log.clean()
  }
}

/** What can be streamed, by the name that paths use. All send the events of the stage. */
export const SOURCES: Readonly<Record<string, (place: Place) => HandlerResult<EventMap>>> = {
  'async-generator': (place) => tracked(place, () => stageEvents(place)),
  'async-iterator': iterator,
  'sync-generator': syncGenerator,
  array: ({ stage }) => stage.events,
  'readable-stream': readableStream,
  readable,
}

/** `/events`, and every kind of source, returned as it is (`/of/…`) and as a promise (`/promise-of/…`). */
export const SOURCE_HANDLERS: readonly HandlerDefinition[] = [
  {
    path: '/events',
    methods: ['get', 'post'],
    run: (_stream, scene) => tracked(scene, () => stageEvents(scene)),
  },
  ...Object.entries(SOURCES).flatMap(([name, make]): HandlerDefinition[] => [
    { path: `/of/${name}`, run: (_stream, scene) => make(scene) },
    { path: `/promise-of/${name}`, run: async (_stream, scene) => make(scene) },
  ]),
  {
    path: '/of/generator-function',
    run: async function* (_stream, { stage }) {
      yield* stage.events
    },
  },
  {
    path: '/of/promises',
    run: (_stream, { stage }) => stage.events.map((event) => Promise.resolve(event) as never),
  },
  {
    path: '/of/slow-handler',
    run: async (_stream, scene) => {
      await scene.stage.pass('handler')
      return readableStream(scene)
    },
  },
  {
    path: '/push',
    run: async (stream, { stage }) => {
      for (const event of stage.events) await stream.send(event)
      if (stage.isHeld) await stage.pass('end')
    },
  },
  {
    path: '/push/unawaited',
    run: (stream, { stage }) => {
      for (const event of stage.events) void stream.send(event)
    },
  },
  {
    path: '/push/producers',
    run: async (stream, { stage }) => {
      const produce = async (event: EventInput): Promise<void> => {
        for (let turn = 0; turn < 20; turn += 1) {
          await stream.send(event)
          await new Promise((resolve) => setTimeout(resolve, 2))
        }
      }
      await Promise.all(stage.events.map(produce))
    },
  },
  {
    path: '/comments',
    run: async (stream) => {
      await stream.comment('one\ndata: two\r\nthree')
      await stream.comment('')
      await stream.send({ comment: 'with an event', data: 'x' })
    },
  },
  { path: '/nothing', run: () => undefined },
]
