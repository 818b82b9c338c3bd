import { logSource } from '../recorder.ts'
import type { HandlerDefinition } from '../scenario.ts'
import { aborted, silence, tracked } from './tools.ts'

const TICK_MS = 5

/** Sources that last, in good and bad manners. */
export const LIFE_HANDLERS: readonly HandlerDefinition[] = [
  {
    // Sends an event, waits for the case, sends another.
    path: '/gated',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        await scene.stage.pass('second')
        yield 'two'
      }),
  },
  {
    path: '/gated/push',
    run: async (stream, { stage }) => {
      await stream.send('one')
      await stage.pass('second')
      await stream.send('two')
    },
  },
  {
    // Sends nothing, and stops when it is told to.
    path: '/silent',
    run: (stream, scene) => tracked(scene, () => silence(aborted(stream))),
  },
  {
    path: '/patient',
    run: (stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        await aborted(stream)
      }),
  },
  {
    // Waits for something that does not heed the signal.
    path: '/parked',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        await scene.stage.pass('parked')
      }),
  },
  {
    path: '/parked/first',
    run: (_stream, scene) => tracked(scene, () => silence(scene.stage.pass('parked'))),
  },
  {
    path: '/ticks',
    run: (stream, scene) =>
      tracked(scene, async function* () {
        for (let tick = 1; !stream.signal.aborted; tick += 1) {
          yield { id: String(tick), data: tick }
          await new Promise((resolve) => setTimeout(resolve, TICK_MS))
        }
      }),
  },
  {
    // Notes whether it hears of the end by its signal before `return()` is called.
    path: '/order',
    run: (_stream, { recorder, stage }) => {
      const log = logSource(recorder)
      const next = () => stage.pass('end').then(() => ({ done: true as const, value: undefined }))
      return { [Symbol.asyncIterator]: () => ({ next, return: async () => (log.clean(), next()) }) }
    },
  },
  {
    path: '/body',
    methods: ['post'],
    run: async (stream, scene) => {
      const body = await scene.request.json()
      return tracked(scene, async function* () {
        yield { event: 'body', data: body }
        await Promise.race([aborted(stream), scene.stage.pass('second')])
        yield { event: 'more', data: '' }
      })
    },
  },
  {
    path: '/identity',
    run: (stream) => [{ data: { id: stream.id, lastEventId: stream.lastEventId ?? null } }],
  },
  {
    path: '/close',
    run: async (stream) => {
      void stream.send('one')
      stream.close({ event: 'bye', data: 'two' })
      stream.close({ event: 'bye', data: 'three' })
      await stream.send('four')
    },
  },
  {
    path: '/close/parked',
    run: (stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        stream.close()
        await scene.stage.pass('parked')
      }),
  },
  {
    path: '/limited',
    route: { limit: { maxConnections: 1 } },
    run: (stream, scene) => tracked(scene, () => silence(aborted(stream))),
  },
  {
    path: '/silent/no-heartbeat',
    route: { heartbeatMs: 0 },
    run: (stream, scene) => tracked(scene, () => silence(aborted(stream))),
  },
  {
    path: '/two-events',
    route: { maxEvents: 2 },
    run: (_stream, scene) => tracked(scene, () => ['one', 'two', 'three']),
  },
  {
    // Knows nothing of its stream.
    path: '/unobserved',
    isUnobserved: true,
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        yield 'one'
        await scene.stage.pass('end')
      }),
  },
]
