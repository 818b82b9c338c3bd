import type { OverflowPolicy } from '@sse/core'
import { nextTurn } from '../../clock.ts'
import type { HandlerDefinition } from '../scenario.ts'
import { aborted, tracked } from './tools.ts'

/** Each has a route of its own below `/channel`, where a subscriber may fall behind by `SLOW_QUEUE`. */
export const POLICIES: readonly OverflowPolicy[] = [
  'disconnect',
  'drop-oldest',
  'drop-newest',
  'coalesce',
  'wait',
]

/** So little that a client which does not read has more to wait for soon. */
export const SLOW_QUEUE: { readonly maxEvents: number } = { maxEvents: 8 }

/** Under which `/run` starts its run. */
export const RUN_ID = 'answer'

/** Streams that follow channels and runs of the stage, into which the case publishes. */
export const CHANNEL_HANDLERS: readonly HandlerDefinition[] = [
  {
    path: '/channel',
    methods: ['get', 'post'],
    run: (stream, { stage }) => stage.channel.subscribe(stream),
  },
  {
    path: '/channel/start',
    run: (stream, { stage }) => stage.channel.subscribe(stream, { from: 'start' }),
  },
  {
    // Subscribes when its head was sent already, which is too late for another status.
    path: '/channel/late',
    run: async (stream, { stage }) => {
      await stage.pass('handler')
      return stage.channel.subscribe(stream)
    },
  },
  {
    path: '/channel/throw',
    run: (stream, { stage }) =>
      stage.channel.subscribe(stream, {
        filter: () => {
          throw stage.error
        },
      }),
  },
  ...POLICIES.map(
    (overflow): HandlerDefinition => ({
      path: `/channel/${overflow}`,
      run: (stream, { stage }) => stage.channel.subscribe(stream, { overflow, queue: SLOW_QUEUE }),
    }),
  ),
  {
    path: '/channels',
    run: async (stream, { stage }) => {
      await Promise.all([stage.channel.subscribe(stream), stage.other.subscribe(stream)])
    },
  },
  {
    // Makes one event in a turn, so that there is time to leave and to come back in the middle.
    path: '/run',
    methods: ['get', 'post'],
    run: (stream, scene) => {
      const { stage } = scene
      const source = (signal: AbortSignal) =>
        tracked(scene, async function* () {
          for (const event of stage.events) {
            yield event
            await nextTurn()
          }
          if (stage.isHeld) await Promise.race([stage.pass('end'), aborted({ signal })])
        })
      return stage.runs.createRun(RUN_ID, source).subscribe(stream)
    },
  },
  {
    path: '/run/throw',
    run: (stream, scene) => {
      const source = () =>
        tracked(scene, async function* () {
          yield* scene.stage.events
          throw scene.stage.error
        })
      return scene.stage.runs.createRun(RUN_ID, source).subscribe(stream)
    },
  },
]
