import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LimitOptions } from '../options.ts'
import { resolveLimit } from '../resolve-options.ts'
import { createGate, enterAll, type Gate, leave, type Visit } from './gate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function gateFor(limit: LimitOptions<string>): Gate<string> {
  return createGate(resolveLimit(limit))
}

interface Guest {
  readonly visit: Visit<string>
  readonly answers: string[]
}

/** Enters, and notes each answer: `in`, or why not. */
function enter(gates: Gate<string> | readonly Gate<string>[], context = 'anyone'): Guest {
  const visit: Visit<string> = { context, release: undefined, leaveLine: undefined }
  const answers: string[] = []
  enterAll('queued' in gates ? [gates] : gates, visit, (refusal) => {
    answers.push(refusal ?? 'in')
  })
  return { visit, answers }
}

/** A slot is handed on in a microtask. */
const settled = (): Promise<void> => Promise.resolve()

describe('a gate', () => {
  it('lets in at once while there are slots, and then refuses', () => {
    const gate = gateFor({ maxConnections: 2 })
    const answers = [enter(gate), enter(gate), enter(gate)].map((guest) => guest.answers)
    expect(answers).toEqual([['in'], ['in'], ['server-limit']])
    expect(gate.queued).toBe(0)
  })

  it('lets everyone in without a limit', () => {
    const gate = gateFor({})
    const guests = Array.from({ length: 1_000 }, () => enter(gate))
    expect(guests.every(({ answers }) => answers[0] === 'in')).toBe(true)
  })

  it('gives one slot back for one that leaves, also when it leaves twice', () => {
    const gate = gateFor({ maxConnections: 1 })
    const { visit } = enter(gate)
    leave(visit)
    leave(visit)
    expect(visit.release).toBeUndefined()
    expect([enter(gate), enter(gate)].map(({ answers }) => answers)).toEqual([
      ['in'],
      ['server-limit'],
    ])
  })
})

describe('the line', () => {
  it('is as long as maxQueued', () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 2 })
    const guests = Array.from({ length: 4 }, () => enter(gate))
    expect(guests.map(({ answers }) => answers)).toEqual([['in'], [], [], ['server-limit']])
    expect(gate.queued).toBe(2)
  })

  it('is served first come, first served', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 9 })
    const [first, second, third, fourth] = [enter(gate), enter(gate), enter(gate), enter(gate)]
    leave(first.visit)
    await settled()
    expect([second, third, fourth].map(({ answers }) => answers)).toEqual([['in'], [], []])
    leave(second.visit)
    await settled()
    expect([third, fourth].map(({ answers }) => answers)).toEqual([['in'], []])
    expect(gate.queued).toBe(1)
  })

  it('answers not before the one that gave the slot back is done with its own end', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1 })
    const [first, second] = [enter(gate), enter(gate)]
    leave(first.visit)
    expect(second.answers).toEqual([])
    await settled()
    expect(second.answers).toEqual(['in'])
  })

  it('lets nobody slip in between a slot that is given back and who waits for it', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1 })
    const [first, second] = [enter(gate), enter(gate)]
    leave(first.visit)
    const late = enter(gate)
    await settled()
    expect(second.answers).toEqual(['in'])
    expect(late.answers).toEqual([])
    expect(gate.queued).toBe(1)
  })

  it('forgets who leaves it from the middle', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 3 })
    const [first, second, third] = [enter(gate), enter(gate), enter(gate)]
    leave(second.visit)
    expect(gate.queued).toBe(1)
    leave(first.visit)
    await settled()
    expect(second.answers).toEqual([])
    expect(third.answers).toEqual(['in'])
    leave(third.visit)
    expect(enter(gate).answers).toEqual(['in'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('hands on the slot of one that leaves between the grant and the answer', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 3 })
    const [first, second, third] = [enter(gate), enter(gate), enter(gate)]
    leave(first.visit)
    leave(second.visit)
    await settled()
    await settled()
    expect(second.answers).toEqual([])
    expect(third.answers).toEqual(['in'])
  })

  it('is left with queue-timeout after queueTimeoutMs', () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 2, queueTimeoutMs: 1_000 })
    enter(gate)
    const second = enter(gate)
    vi.advanceTimersByTime(500)
    const third = enter(gate)
    vi.advanceTimersByTime(499)
    expect(second.answers).toEqual([])
    vi.advanceTimersByTime(1)
    expect(second.answers).toEqual(['queue-timeout'])
    expect(third.answers).toEqual([])
    expect(gate.queued).toBe(1)
    vi.advanceTimersByTime(500)
    expect(third.answers).toEqual(['queue-timeout'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits 10 s where nothing is said', () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1 })
    enter(gate)
    const { answers } = enter(gate)
    vi.advanceTimersByTime(9_999)
    expect(answers).toEqual([])
    vi.advanceTimersByTime(1)
    expect(answers).toEqual(['queue-timeout'])
  })

  it.each([0, false, Infinity] as const)('waits for ever with %s', (queueTimeoutMs) => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1, queueTimeoutMs })
    enter(gate)
    const { answers } = enter(gate)
    vi.advanceTimersByTime(100_000_000)
    expect(answers).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer of one that was let in', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1, queueTimeoutMs: 1_000 })
    const [first, second] = [enter(gate), enter(gate)]
    leave(first.visit)
    await settled()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(5_000)
    expect(second.answers).toEqual(['in'])
  })
})

describe('refuseAll', () => {
  it('refuses everyone in line, and whoever comes later', () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 2 })
    const [first, second, third] = [enter(gate), enter(gate), enter(gate)]
    gate.refuseAll('shutdown')
    expect([first, second, third].map(({ answers }) => answers)).toEqual([
      ['in'],
      ['shutdown'],
      ['shutdown'],
    ])
    expect(gate.queued).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    leave(first.visit)
    expect(enter(gate).answers).toEqual(['shutdown'])
  })

  it('refuses one that was granted a slot and not told yet', async () => {
    const gate = gateFor({ maxConnections: 1, maxQueued: 1 })
    const [first, second] = [enter(gate), enter(gate)]
    leave(first.visit)
    gate.refuseAll('shutdown')
    await settled()
    expect(second.answers).toEqual(['shutdown'])
    expect(second.visit.release).toBeUndefined()
  })
})

describe('the limit of a key', () => {
  const perKey = { maxConnectionsPerKey: 1, key: (context: string) => context }

  it('counts each key by itself', () => {
    const gate = gateFor(perKey)
    const answers = ['a', 'a', 'b'].map((key) => enter(gate, key).answers)
    expect(answers).toEqual([['in'], ['key-limit'], ['in']])
  })

  it('counts streams, and gives each back once', () => {
    const gate = gateFor({ ...perKey, maxConnectionsPerKey: 2 })
    const [first, second] = [enter(gate, 'a'), enter(gate, 'a')]
    expect(enter(gate, 'a').answers).toEqual(['key-limit'])
    leave(first.visit)
    leave(first.visit)
    expect([enter(gate, 'a'), enter(gate, 'a')].map(({ answers }) => answers)).toEqual([
      ['in'],
      ['key-limit'],
    ])
    leave(second.visit)
    expect(enter(gate, 'a').answers).toEqual(['in'])
  })

  it('counts those in line, too', () => {
    const gate = gateFor({ ...perKey, maxConnections: 1, maxQueued: 5 })
    enter(gate, 'a')
    const queued = enter(gate, 'b')
    expect(enter(gate, 'b').answers).toEqual(['key-limit'])
    leave(queued.visit)
    expect(enter(gate, 'b').answers).toEqual([])
  })

  it('is given back by one that the server has no slot for', () => {
    const gate = gateFor({ ...perKey, maxConnections: 1 })
    const first = enter(gate, 'a')
    expect(enter(gate, 'b').answers).toEqual(['server-limit'])
    leave(first.visit)
    expect(enter(gate, 'b').answers).toEqual(['in'])
  })

  it('is given back by one that waited too long', () => {
    const gate = gateFor({ ...perKey, maxConnections: 1, maxQueued: 1, queueTimeoutMs: 10 })
    const first = enter(gate, 'a')
    enter(gate, 'b')
    vi.advanceTimersByTime(10)
    leave(first.visit)
    expect(enter(gate, 'b').answers).toEqual(['in'])
  })

  it('does not touch requests whose key is undefined', () => {
    const gate = gateFor({ ...perKey, key: () => undefined })
    const answers = ['a', 'a', 'a'].map((key) => enter(gate, key).answers)
    expect(answers).toEqual([['in'], ['in'], ['in']])
  })

  it('takes an empty key, and keys that objects have by themselves', () => {
    const gate = gateFor(perKey)
    const keys = ['', '', '__proto__', '__proto__', 'constructor']
    expect(keys.map((key) => enter(gate, key).answers[0])).toEqual([
      'in',
      'key-limit',
      'in',
      'key-limit',
      'in',
    ])
  })

  it.each([
    ['a number', 5, 'got 5. Return `String(…)` of it.'],
    ['a bigint', 5n, 'got 5n. Return `String(…)` of it.'],
    ['null', null, 'got null'],
    [
      'a promise',
      Promise.resolve('a'),
      'got an instance of Promise. It must be synchronous: find out whose request it is before, in middleware.',
    ],
  ])('refuses %s as a key', (_name, key, received) => {
    const gate = gateFor({ ...perKey, key: () => key as never })
    expect(() => enter(gate)).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_OPTION',
        message: `\`limit.key\` must return a string, or undefined for a request that has no limit of its own, ${received}`,
      }),
    )
  })

  it('asks for no key where keys have no limit', () => {
    const key = vi.fn(() => 'a')
    enter(gateFor({ key, maxConnections: 1 }))
    expect(key).not.toHaveBeenCalled()
  })

  it('forgets a key whose last stream ended', () => {
    const set = vi.spyOn(Map.prototype, 'set')
    const { visit } = enter(gateFor(perKey), 'a')
    const maps = set.mock.contexts as Map<unknown, unknown>[]
    const counters = maps.find((map) => map.get('a') === 1)
    set.mockRestore()
    expect(counters?.size).toBe(1)
    leave(visit)
    expect(counters?.size).toBe(0)
  })
})

describe('several gates', () => {
  it('let in only who gets a slot of each', () => {
    const [route, server] = [gateFor({ maxConnections: 1 }), gateFor({ maxConnections: 2 })]
    const gates = [route, server]
    expect(
      [enter(gates), enter(gates), enter(server), enter(server)].map((g) => g.answers),
    ).toEqual([['in'], ['server-limit'], ['in'], ['server-limit']])
  })

  it('give back what the first gave to one that the second refuses', () => {
    const [route, server] = [gateFor({ maxConnections: 1 }), gateFor({ maxConnections: 1 })]
    const other = enter(server)
    expect(enter([route, server]).answers).toEqual(['server-limit'])
    leave(other.visit)
    expect(enter([route, server]).answers).toEqual(['in'])
  })

  it('are queued for one after the other', async () => {
    const limit = { maxConnections: 1, maxQueued: 1 }
    const [route, server] = [gateFor(limit), gateFor(limit)]
    const [ofRoute, ofServer] = [enter(route), enter(server)]
    const guest = enter([route, server])
    expect([route.queued, server.queued]).toEqual([1, 0])
    leave(ofRoute.visit)
    await settled()
    expect([route.queued, server.queued]).toEqual([0, 1])
    leave(ofServer.visit)
    await settled()
    expect(guest.answers).toEqual(['in'])
    leave(guest.visit)
    expect(enter([route, server]).answers).toEqual(['in'])
  })

  it('throw what a key throws before any slot is taken or waited for', async () => {
    const route = gateFor({ maxConnections: 1, maxQueued: 1 })
    const server = gateFor({
      maxConnectionsPerKey: 1,
      key: () => {
        throw new Error('no user')
      },
    })
    expect(() => enter([route, server])).toThrow('no user')
    const guest = enter(route)
    expect(() => enter([route, server])).toThrow('no user')
    expect(route.queued).toBe(0)
    expect(guest.answers).toEqual(['in'])
  })
})
