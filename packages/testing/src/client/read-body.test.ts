import { describe, expect, it } from 'vitest'
import { readBody } from './read-body.ts'
import { createReceived } from './received.ts'
import { finish, type StreamState } from './stream-state.ts'
import { createWaiting } from './waiting.ts'

describe('readBody', () => {
  it('lets go of a body that is closed between two chunks', async () => {
    let isReleased = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        while (true) yield new TextEncoder().encode('data: a\n\n')
      } finally {
        isReleased = true
      }
    }
    const state: StreamState = {
      label: 'GET http://localhost/',
      response: { status: 200, headers: new Headers(), body: endless(), close: async () => {} },
      isEventStream: true,
      received: createReceived('', true),
      waiting: createWaiting(),
      taken: 0,
      end: undefined,
      cause: undefined,
      wake: () => {},
    }
    const read = readBody(state, 20, () => 0)
    await state.waiting.wait(() => state.received.events.length === 3 || undefined, 4_000, Error)
    finish(state, 'closed')
    await read
    expect(isReleased).toBe(true)
    expect(state.received.events).toHaveLength(3)
  })
})
