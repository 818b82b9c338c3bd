import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRing, dropBefore, itemAt, push } from './ring.ts'

describe('a ring', () => {
  it('holds what an array would hold, at the same positions', () => {
    const step = fc.oneof(
      fc.constant('push' as const),
      fc.record({ drop: fc.nat(40) }),
      fc.record({ pushes: fc.nat(40) }),
    )
    fc.assert(
      fc.property(fc.nat(5), fc.array(step, { maxLength: 200 }), (start, steps) => {
        const ring = createRing<number>(start)
        const model = new Map<number, number>()
        let [oldest, next] = [start, start]
        const add = () => {
          push(ring, next * 2)
          model.set(next, next * 2)
          next += 1
        }
        for (const each of steps) {
          if (each === 'push') add()
          else if ('pushes' in each) for (let count = 0; count < each.pushes; count += 1) add()
          else {
            dropBefore(ring, ring.start + each.drop)
            for (const to = Math.min(oldest + each.drop, next); oldest < to; oldest += 1) {
              model.delete(oldest)
            }
          }
          expect([ring.start, ring.end]).toEqual([oldest, next])
          for (const [position, item] of model) expect(itemAt(ring, position)).toBe(item)
        }
      }),
    )
  })

  it('holds no memory for what was dropped', () => {
    const ring = createRing<number>()
    for (let item = 0; item < 1_000; item += 1) push(ring, item)
    dropBefore(ring, 990)
    expect(ring.places.filter((item) => item !== undefined)).toHaveLength(10)
    expect(ring.places.length).toBeLessThan(1_000)
    dropBefore(ring, 1_000)
    expect(ring.places).toEqual([])
  })
})
