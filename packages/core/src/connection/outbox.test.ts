import { describe, expect, it } from 'vitest'
import { createFakeSink, type FakeSink } from '../../test/fake-sink.ts'
import {
  append,
  appendLast,
  appendShared,
  bufferedBytes,
  clear,
  flush,
  isEmpty,
  isFull,
  type Outbox,
  sinkDrained,
  turnEnded as turnEndedFor,
  whenReady,
} from './outbox.ts'

/** The turn of the outbox is the only task in it. */
function turnEnded(outbox: Outbox): void {
  turnEndedFor(outbox)
  outbox.turns.count += 1
}

interface Fixture {
  readonly outbox: Outbox
  readonly sink: FakeSink
  scheduled(): number
}

function setUp(maxBufferedBytes = 1_000_000): Fixture {
  const sink = createFakeSink()
  let scheduled = 0
  const turns = { count: 0, schedule: () => void (scheduled += 1) }
  const outbox: Outbox = {
    sink,
    turns,
    options: { maxBufferedBytes },
    text: '',
    parked: undefined,
    exempt: 0,
    isSinkFull: false,
    fullTurn: 0,
    turnBytes: 0,
    countedTurn: -1,
    bytes: 0,
    ready: undefined,
    isScheduled: false,
    onTurnEnd: () => undefined,
  }
  sink.listen({
    drained: () => sinkDrained(outbox),
    finished: () => undefined,
    gone: () => undefined,
  })
  return { outbox, sink, scheduled: () => scheduled }
}

/** A sink that takes short text as it is. */
function setUpForText(): Fixture & { readonly texts: string[] } {
  const fixture = setUp()
  const texts: string[] = []
  fixture.sink.writeText = (text) => {
    if (text.length > 16_000) return undefined
    texts.push(text)
    return fixture.sink.write(new TextEncoder().encode(text))
  }
  return { ...fixture, texts }
}

describe('an outbox whose sink takes text as it is', () => {
  it('counts what leaves in this way', () => {
    const { outbox, sink, texts } = setUpForText()
    append(outbox, 'short')
    turnEnded(outbox)
    append(outbox, 'x'.repeat(20_000))
    expect(texts).toEqual(['short'])
    expect(sink.text()).toBe(`short${'x'.repeat(20_000)}`)
    expect(outbox.bytes).toBe(20_005)
  })

  it('takes a turn off after 64 KiB', () => {
    const { outbox, sink } = setUpForText()
    for (let count = 0; count < 10; count += 1) {
      append(outbox, 'x'.repeat(10_000))
      flush(outbox)
    }
    expect(isFull(outbox)).toBe(true)
    expect(sink.text()).toHaveLength(70_000)
  })

  it('waits when the sink is full', () => {
    const { outbox, sink } = setUpForText()
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'a')
    turnEnded(outbox)
    append(outbox, 'b')
    turnEnded(outbox)
    expect(sink.text()).toBe('a')
    sink.thaw()
    expect(sink.text()).toBe('ab')
  })
})

describe('outbox', () => {
  it('writes what one turn brought in one write', () => {
    const { outbox, sink, scheduled } = setUp()
    append(outbox, 'data: a\n\n')
    append(outbox, 'data: b\n\n')
    expect(sink.log).toEqual([])
    expect(scheduled()).toBeGreaterThan(0)
    turnEnded(outbox)
    expect(sink.log).toEqual(['data: a\n\ndata: b\n\n'])
  })

  it('writes before the end of the turn once 16 KiB are gathered', () => {
    const { outbox, sink } = setUp()
    append(outbox, 'x'.repeat(16_384))
    expect(sink.log).toEqual(['x'.repeat(16_384)])
  })

  it('has the room of one turn, however many ask at its end', () => {
    const { outbox, sink } = setUp()
    append(outbox, 'x'.repeat(1_000_000))
    turnEnded(outbox)
    const before = sink.text().length
    for (let count = 0; count < 5; count += 1) turnEndedFor(outbox)
    expect(sink.text().length - before).toBe(65_536)
  })

  it('takes a turn off after 64 KiB, and goes on in the next', () => {
    const { outbox, sink } = setUp()
    for (let count = 0; count < 5; count += 1) append(outbox, `${count}`.repeat(16_384))
    expect(isFull(outbox)).toBe(true)
    expect(sink.text()).toHaveLength(65_536)
    turnEnded(outbox)
    expect(isFull(outbox)).toBe(false)
    expect(sink.text()).toHaveLength(5 * 16_384)
  })

  it('is full once the turn has brought 64 KiB, until the next one', () => {
    const { outbox, sink, scheduled } = setUp()
    for (let count = 0; count < 3; count += 1) append(outbox, 'x'.repeat(16_384))
    expect(isFull(outbox)).toBe(false)
    append(outbox, 'x'.repeat(16_384))
    expect(isFull(outbox)).toBe(true)
    expect(isEmpty(outbox)).toBe(true)
    const before = scheduled()
    append(outbox, 'waits for the next turn')
    expect(sink.text()).toHaveLength(65_536)
    expect(scheduled()).toBeGreaterThanOrEqual(before)
    turnEnded(outbox)
    expect(sink.text()).toMatch(/waits for the next turn$/)
  })

  it('asks for a next turn when it is the turn that is over, not when the sink is full', () => {
    const { outbox, scheduled } = setUp()
    append(outbox, 'x'.repeat(100_000))
    expect(scheduled()).toBe(1)
    const full = setUp()
    full.sink.isFrozen = true
    full.sink.highWaterMark = 1
    append(full.outbox, 'x'.repeat(20_000))
    expect(full.scheduled()).toBe(0)
  })

  it('gathers less than 16 KiB where less may be held', () => {
    const { outbox, sink } = setUp(100)
    append(outbox, 'x'.repeat(99))
    expect(sink.log).toEqual([])
    append(outbox, 'x')
    expect(sink.log).toEqual(['x'.repeat(100)])
  })

  it('keeps what it holds while it grows and while it is taken, byte for byte', () => {
    const { outbox, sink } = setUp(100_000)
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'first')
    turnEnded(outbox)
    let expected = 'first'
    for (let count = 0; count < 500; count += 1) {
      const block = `data: ${'€'.repeat(count % 9)}${count}\n\n`
      expected += block
      expect(append(outbox, block)).toBe(true)
    }
    expect(bufferedBytes(outbox)).toBe(Buffer.byteLength(expected))
    for (let count = 0; count < 100 && !isEmpty(outbox); count += 1) sink.take(1_000_000)
    expect(sink.text()).toBe(expected)
    expect(outbox.bytes).toBe(Buffer.byteLength(expected))
    expect(bufferedBytes(outbox)).toBe(sink.bufferedBytes)
  })

  it('goes on with what others have too, and after it with what was added, byte for byte', () => {
    const { outbox, sink } = setUp()
    const shares: unknown[] = []
    const { write } = sink
    sink.write = (bytes, share) => {
      shares.push(share)
      return write(bytes)
    }
    sink.isFrozen = true
    sink.highWaterMark = 1
    const shared = sink.encode('s'.repeat(100_000))
    appendShared(outbox, shared)
    turnEnded(outbox)
    sink.take(65_536)
    turnEnded(outbox)
    expect(shares).toEqual([shared, shared])
    const more = 'm'.repeat(200_000)
    appendShared(outbox, shared)
    turnEnded(outbox)
    sink.take(65_536)
    expect(append(outbox, more)).toBe(true)
    while (!isEmpty(outbox)) {
      sink.take(65_536)
      turnEnded(outbox)
    }
    expect(sink.text()).toBe(`${'s'.repeat(200_000)}${more}`)
    expect(shares.slice(3).every((share) => share === undefined)).toBe(true)
    expect(new TextDecoder().decode(shared.bytes)).toBe('s'.repeat(100_000))
  })

  it('never allocates much more than it may hold', () => {
    const { outbox, sink } = setUp(10_000)
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    while (append(outbox, 'y'.repeat(90)));
    expect(bufferedBytes(outbox)).toBeGreaterThan(9_900)
    expect(outbox.parked?.bytes.length).toBeLessThanOrEqual(10_000)
  })

  it('lets go of the memory once everything was taken', () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    append(outbox, 'y')
    expect(outbox.parked).toBeDefined()
    sink.take(100)
    expect(outbox.parked).toBeUndefined()
  })

  it('lets those wait again who come after it was full once more', async () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 1
    const log: string[] = []
    for (const name of ['first', 'second']) {
      append(outbox, 'x')
      turnEnded(outbox)
      const ready = whenReady(outbox).then(() => log.push(name))
      await Promise.resolve()
      expect(log).not.toContain(name)
      sink.take(100)
      await ready
    }
    expect(log).toEqual(['first', 'second'])
  })

  it('keeps the order when the sink is full and drains bit by bit', () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 8
    let expected = ''
    for (let count = 0; count < 100; count += 1) {
      const block = `data: ${count}\n\n`
      expected += block
      append(outbox, block)
      if (count % 7 === 0) turnEnded(outbox)
      if (count % 11 === 0) sink.take(1_000)
    }
    for (let count = 0; count < 100 && !isEmpty(outbox); count += 1) {
      turnEnded(outbox)
      sink.take(1_000)
    }
    expect(sink.text()).toBe(expected)
  })

  it('refuses what would exceed the bound, and holds exactly up to it', () => {
    const { outbox, sink } = setUp(100)
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x'.repeat(60))
    turnEnded(outbox)
    expect(append(outbox, 'y'.repeat(40))).toBe(true)
    expect(append(outbox, 'z')).toBe(false)
    expect(bufferedBytes(outbox)).toBe(100)
  })

  it('counts UTF-8 bytes, not characters', () => {
    const { outbox, sink } = setUp(100)
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    expect(append(outbox, '€'.repeat(33))).toBe(true)
    expect(append(outbox, 'é')).toBe(false)
  })

  it('takes one block larger than the bound when nothing else waits', () => {
    const { outbox, sink } = setUp(100)
    const large = '€'.repeat(100_000)
    expect(append(outbox, large)).toBe(true)
    for (let count = 0; count < 10; count += 1) turnEnded(outbox)
    expect(sink.text()).toBe(large)
    expect(sink.log.every((write) => write.length <= 65_536)).toBe(true)
  })

  it('takes one block larger than the bound also when only the turn is over', () => {
    const { outbox, sink } = setUp(100)
    append(outbox, 'x'.repeat(65_536))
    expect([isFull(outbox), bufferedBytes(outbox)]).toEqual([true, 0])
    expect(append(outbox, 'y'.repeat(200))).toBe(true)
    expect(append(outbox, 'z')).toBe(false)
    turnEnded(outbox)
    expect(sink.text()).toMatch(/xy{200}$/)
  })

  it('never cuts a character in two when a large block goes out in pieces', () => {
    const { outbox, sink } = setUp()
    append(outbox, `a${'😀'.repeat(50_000)}`)
    for (let count = 0; count < 10; count += 1) turnEnded(outbox)
    expect(sink.text()).toBe(`a${'😀'.repeat(50_000)}`)
  })

  it('resolves those who wait when there is room again', async () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    const states: string[] = []
    const ready = whenReady(outbox).then(() => states.push('ready'))
    await Promise.resolve()
    expect(states).toEqual([])
    sink.thaw()
    await ready
    expect(states).toEqual(['ready'])
  })

  it('resolves those who wait when it is cleared', async () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    const ready = whenReady(outbox)
    clear(outbox)
    await ready
    expect(isEmpty(outbox)).toBe(true)
  })

  it('holds nothing once it was cleared', () => {
    const { outbox, sink } = setUp()
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'x')
    turnEnded(outbox)
    append(outbox, 'parked')
    clear(outbox)
    expect(outbox.parked).toBeUndefined()
    expect(isEmpty(outbox)).toBe(true)
    sink.thaw()
    turnEnded(outbox)
    expect(sink.text()).toBe('x')
  })

  it('takes the last block whatever the bound, after everything else', () => {
    const { outbox, sink } = setUp(20)
    sink.isFrozen = true
    sink.highWaterMark = 1
    append(outbox, 'a'.repeat(10))
    turnEnded(outbox)
    append(outbox, 'b'.repeat(10))
    appendLast(outbox, 'c'.repeat(10))
    flush(outbox)
    sink.thaw()
    expect(sink.text()).toBe('a'.repeat(10) + 'b'.repeat(10) + 'c'.repeat(10))
  })
})
