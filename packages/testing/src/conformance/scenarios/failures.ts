import type { EventInput } from '@sse/core'
import { logSource } from '../recorder.ts'
import type { HandlerDefinition } from '../scenario.ts'
import { aborted, silence, tracked } from './tools.ts'

/** Handlers and sources that throw, or give what cannot be streamed. */
export const FAILURE_HANDLERS: readonly HandlerDefinition[] = [
  {
    path: '/throw/sync',
    run: (_stream, { stage }) => {
      throw stage.error
    },
  },
  {
    path: '/throw/async',
    run: async (_stream, { stage }) => {
      throw stage.error
    },
  },
  {
    path: '/throw/first',
    run: (_stream, scene) =>
      tracked(scene, () => {
        throw scene.stage.error
      }),
  },
  {
    path: '/throw/later',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        yield { id: '1', data: 'one' }
        throw scene.stage.error
      }),
  },
  {
    // The head is out by then, but no event is.
    path: '/throw/silent',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        yield* silence(scene.stage.pass('throw'))
        throw scene.stage.error
      }),
  },
  {
    path: '/throw/push',
    run: async (stream, { stage }) => {
      await stream.send('one')
      await stage.pass('throw')
      throw stage.error
    },
  },
  {
    path: '/throw/stream',
    run: (_stream, { stage }) =>
      new ReadableStream<EventInput>({
        start(controller) {
          controller.enqueue('one')
        },
        async pull(controller) {
          await stage.pass('throw')
          controller.error(stage.error)
        },
      }),
  },
  {
    // What a client of a database does when its signal aborts.
    path: '/throw/on-abort',
    run: (stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        await aborted(stream)
        throw scene.stage.error
      }),
  },
  {
    path: '/throw/cleanup',
    run: (_stream, { recorder, stage }) => {
      const log = logSource(recorder)
      const next = async () => {
        if (log.produced > 0) await stage.pass('end')
        log.produced += 1
        return { done: false as const, value: 'one' }
      }
      const fail = async () => {
        log.clean()
        throw stage.error
      }
      return { [Symbol.asyncIterator]: () => ({ next, return: fail }) }
    },
  },
  { path: '/garbage', run: () => 42 as never },
  { path: '/garbage/promise', run: async () => 42 as never },
  { path: '/garbage/event', run: () => ['one', 42 as never, 'three'] },
  {
    // Refused events: the first is caught, the second is nobody's.
    path: '/garbage/send',
    run: async (stream, { recorder }) => {
      await stream.send('one')
      await stream.send({ event: 'a\nb', data: '' }).catch(() => recorder.order.push('refused'))
      void stream.send({ id: 'a\0b', data: '' })
      await stream.send('two')
    },
  },
]
