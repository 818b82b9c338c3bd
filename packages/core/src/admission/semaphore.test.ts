import { describe, expect, it } from 'vitest'
import { createSemaphore } from './semaphore.ts'

describe('createSemaphore', () => {
  it('gives as many slots as there are, and no more', () => {
    const semaphore = createSemaphore(2)
    expect([semaphore.tryTake(), semaphore.tryTake(), semaphore.tryTake()]).toEqual([
      true,
      true,
      false,
    ])
    expect(semaphore.taken).toBe(2)
  })

  it('gives a slot again once it was given back', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    semaphore.release()
    expect(semaphore.taken).toBe(0)
    expect(semaphore.tryTake()).toBe(true)
  })

  it('has no limit with Infinity', () => {
    const semaphore = createSemaphore(Infinity)
    for (let count = 0; count < 10_000; count += 1) expect(semaphore.tryTake()).toBe(true)
    expect(semaphore.taken).toBe(10_000)
  })

  it('hands a free slot to whoever waits longest', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    const granted: string[] = []
    for (const name of ['first', 'second', 'third']) semaphore.wait(() => granted.push(name))
    expect(semaphore.waiting).toBe(3)
    semaphore.release()
    expect(granted).toEqual(['first'])
    semaphore.release()
    expect(granted).toEqual(['first', 'second'])
    expect(semaphore).toMatchObject({ taken: 1, waiting: 1 })
  })

  it('has the slot taken already when it is granted, so that nobody slips in', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    const seen: unknown[] = []
    semaphore.wait(() => seen.push([semaphore.taken, semaphore.waiting, semaphore.tryTake()]))
    semaphore.release()
    expect(seen).toEqual([[1, 0, false]])
  })

  it('lets nobody take a slot ahead of those who wait', () => {
    const semaphore = createSemaphore(1)
    semaphore.wait(() => undefined)
    expect(semaphore.tryTake()).toBe(false)
  })

  it('forgets who left in the middle of the line', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    const granted: string[] = []
    semaphore.wait(() => granted.push('first'))
    const leave = semaphore.wait(() => granted.push('second'))
    semaphore.wait(() => granted.push('third'))
    leave()
    expect(semaphore.waiting).toBe(2)
    for (let count = 0; count < 3; count += 1) semaphore.release()
    expect(granted).toEqual(['first', 'third'])
    expect(semaphore).toMatchObject({ taken: 0, waiting: 0 })
  })

  it('keeps two waiters apart that wait with the same function', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    let granted = 0
    const grant = (): void => void (granted += 1)
    const leave = semaphore.wait(grant)
    semaphore.wait(grant)
    leave()
    leave()
    expect(semaphore.waiting).toBe(1)
    semaphore.release()
    expect(granted).toBe(1)
  })

  it('ignores who leaves after the slot was granted, or twice', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    const leave = semaphore.wait(() => undefined)
    semaphore.release()
    leave()
    leave()
    expect(semaphore).toMatchObject({ taken: 1, waiting: 0 })
  })

  it('may be released while it grants', () => {
    const semaphore = createSemaphore(1)
    semaphore.tryTake()
    const granted: string[] = []
    semaphore.wait(() => {
      granted.push('first')
      semaphore.release()
    })
    semaphore.wait(() => granted.push('second'))
    semaphore.release()
    expect(granted).toEqual(['first', 'second'])
    expect(semaphore.taken).toBe(1)
  })
})
