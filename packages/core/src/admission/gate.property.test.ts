import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { resolveLimit } from '../resolve-options.ts'
import { createGate, enterAll, type Gate, leave, type Visit } from './gate.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

interface Guest {
  readonly visit: Visit<string>
  readonly key: string
  readonly isOnRoute: boolean
  answer: 'in' | 'refused' | undefined
  hasLeft: boolean
}

const SERVER_SLOTS = 3
const ROUTE_SLOTS = 2
const KEY_SLOTS = 2

/** Two gates, everyone who ever came, and what has to hold at any moment. */
function createHouse() {
  const server = createGate<string>(
    resolveLimit({
      maxConnections: SERVER_SLOTS,
      maxConnectionsPerKey: KEY_SLOTS,
      key: (context) => context,
      maxQueued: 3,
      queueTimeoutMs: 0,
    }),
  )
  const route = createGate<string>(
    resolveLimit({ maxConnections: ROUTE_SLOTS, maxQueued: 2, queueTimeoutMs: 0 }),
  )
  const guests: Guest[] = []
  const inside = (): Guest[] => guests.filter(({ answer, hasLeft }) => answer === 'in' && !hasLeft)

  return {
    server,
    route,
    guests,
    arrive(key: string, gates: readonly Gate<string>[]) {
      const visit: Visit<string> = { context: key, release: undefined, leaveLine: undefined }
      const isOnRoute = gates.includes(route)
      const guest: Guest = { visit, key, isOnRoute, answer: undefined, hasLeft: false }
      guests.push(guest)
      enterAll(gates, visit, (refusal) => {
        expect(guest.answer).toBeUndefined()
        expect(guest.hasLeft).toBe(false)
        guest.answer = refusal === undefined ? 'in' : 'refused'
        if (refusal !== undefined) expect(visit.release).toBeUndefined()
        check()
      })
    },
    /** Leaves, whether inside, in line, refused, or gone before. */
    depart(index: number) {
      const guest = guests[index % Math.max(guests.length, 1)]
      if (guest === undefined) return
      leave(guest.visit)
      guest.hasLeft = true
      check()
    },
  }

  function check(): void {
    const present = inside()
    expect(present.length).toBeLessThanOrEqual(SERVER_SLOTS)
    expect(present.filter(({ isOnRoute }) => isOnRoute).length).toBeLessThanOrEqual(ROUTE_SLOTS)
    for (const key of 'abc') {
      expect(present.filter((guest) => guest.key === key).length).toBeLessThanOrEqual(KEY_SLOTS)
    }
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ arrive: fc.constantFrom('a', 'b', 'c'), route: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ depart: fc.nat({ max: 40 }) }) },
  { weight: 2, arbitrary: fc.constant('turn' as const) },
)

describe('any interleaving of arrivals and departures', () => {
  it('exceeds no limit and leaks no slot, key or place in line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const house = createHouse()
        for (const one of steps) {
          if (one === 'turn') await new Promise((resolve) => setImmediate(resolve))
          else if ('depart' in one) house.depart(one.depart)
          else house.arrive(one.arrive, one.route ? [house.route, house.server] : [house.server])
        }
        await new Promise((resolve) => setImmediate(resolve))
        for (const index of house.guests.keys()) house.depart(index)
        await new Promise((resolve) => setImmediate(resolve))
        for (const index of house.guests.keys()) house.depart(index)
        expect([house.route.queued, house.server.queued]).toEqual([0, 0])

        // Everything is free again: exactly as many get in as in the beginning.
        const before = house.guests.length
        for (const key of ['a', 'b', 'c']) house.arrive(key, [house.route, house.server])
        house.arrive('c', [house.server])
        house.arrive('c', [house.server])
        expect(house.guests.slice(before).map(({ answer }) => answer)).toEqual([
          'in',
          'in',
          undefined,
          'in',
          undefined,
        ])
      }),
      { numRuns: 1_000 },
    )
  })

  it('lets those in line in by the order of their arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { maxLength: 20 }), async (departures) => {
        const gate = createGate<string>(
          resolveLimit({ maxConnections: 1, maxQueued: 20, queueTimeoutMs: 0 }),
        )
        const order: number[] = []
        const visits = Array.from({ length: 10 }, (_, index) => {
          const visit: Visit<string> = { context: '', release: undefined, leaveLine: undefined }
          enterAll([gate], visit, () => void order.push(index))
          return visit
        })
        for (const index of departures) {
          leave(visits[index] as Visit<string>)
          await Promise.resolve()
        }
        expect(order).toEqual([...order].sort((one, other) => one - other))
      }),
    )
  })
})
