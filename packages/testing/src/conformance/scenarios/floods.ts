import { createHash } from 'node:crypto'
import type { EventInput } from '@sse/core'
import { nextTurn } from '../../clock.ts'
import { logSource } from '../recorder.ts'
import type { HandlerDefinition } from '../scenario.ts'
import { tracked } from './tools.ts'

/** How much data each event of a flood has. */
export const FLOOD_EVENT_BYTES = 65_536

// Far more than all buffers between a server and its client hold: a flood is never over by itself.
const FLOOD_EVENTS = 4_096
const BURST_EVENTS = 1_024

/** How many events `/flood/finite` has. */
export const FINITE_EVENTS = 256

/** How many events `/flood/paced` has, and how much data each of them: what one write takes, with room for the rest. */
export const PACED_EVENTS = 1_200
export const PACED_EVENT_BYTES = 15_000

/** So much text, which compression makes hardly smaller: what is small fills no buffer. */
export const FLOOD_TEXT: string = hardText('flood', FLOOD_EVENT_BYTES)

function hardText(seed: string, length: number): string {
  const outputLength = (length * 3) / 4
  return createHash('shake256', { outputLength }).update(seed).digest('base64')
}

function floodEvent(number: number): EventInput {
  return { event: 'flood', id: String(number), data: FLOOD_TEXT }
}

/** Sources that make more than a client takes. */
export const FLOOD_HANDLERS: readonly HandlerDefinition[] = [
  {
    path: '/flood',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        for (let number = 1; number <= FLOOD_EVENTS; number += 1) yield floodEvent(number)
      }),
  },
  {
    path: '/flood/sync',
    run: function* (_stream, { recorder }) {
      const log = logSource(recorder)
      try {
        for (let number = 1; number <= FLOOD_EVENTS; number += 1) {
          log.produced += 1
          yield floodEvent(number)
        }
      } finally {
        log.clean()
      }
    },
  },
  {
    path: '/flood/push',
    run: async (stream, { recorder }) => {
      const log = logSource(recorder)
      while (!stream.signal.aborted && log.produced < FLOOD_EVENTS) {
        log.produced += 1
        await stream.send(floodEvent(log.produced))
      }
      log.clean()
    },
  },
  {
    // What a client that reads again can take in a moment, and what no buffer on the way holds.
    path: '/flood/finite',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        for (let number = 1; number <= FINITE_EVENTS; number += 1) yield floodEvent(number)
      }),
  },
  {
    // The same in short events, each in a turn of its own.
    path: '/flood/paced',
    run: (_stream, scene) =>
      tracked(scene, async function* () {
        for (let number = 1; number <= PACED_EVENTS; number += 1) {
          await nextTurn()
          // No text that was there before, which compression would find.
          yield { id: String(number), data: hardText(String(number), PACED_EVENT_BYTES) }
        }
      }),
  },
  {
    // Far more at once than may be held.
    path: '/flood/large',
    run: (_stream, scene) => tracked(scene, () => [FLOOD_TEXT.repeat(32), 'after']),
  },
  {
    // Never waits for its client, only for the next turn of the event loop.
    path: '/flood/unawaited',
    run: async (stream, { recorder, stage }) => {
      const log = logSource(recorder)
      await stream.send('one')
      await stage.pass('flood')
      while (!stream.signal.aborted && log.produced < FLOOD_EVENTS) {
        log.produced += 1
        void stream.send(floodEvent(log.produced))
        await nextTurn()
      }
      log.clean()
    },
  },
  {
    // Does not even let the event loop turn.
    path: '/flood/burst',
    run: (stream) => {
      for (let number = 1; number <= BURST_EVENTS; number += 1) void stream.send(floodEvent(number))
    },
  },
]
