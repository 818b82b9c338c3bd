import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGzipClient, type GzipClient } from '../../test/gzip-client.ts'
import type { Sequence, SharedBytes } from '../sinks/sink.ts'
import { createGzipCoder } from './gzip-coder.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const create = (isIsolated = false): GzipClient => createGzipClient(createGzipCoder(isIsolated))

/** An event whose text no other has, and that can only be small if it refers to one like it. */
function event(number: number): string {
  return `event: price\ndata: {"number":${number},"text":"${UNUSUAL}"}\n\n`
}

const UNUSUAL = randomBytes(150).toString('base64')

/** Shares of a channel, one after the other. */
function createShares() {
  const sequence: Sequence = {}
  let at = 0
  return {
    next(text = event(at)): SharedBytes {
      at += 1
      return { bytes: bytesOf(text), sequence, from: at - 1, to: at }
    },
    /** What somebody gets who is behind. */
    old: (from: number): SharedBytes => ({
      bytes: bytesOf(event(from)),
      sequence,
      from,
      to: from + 1,
    }),
  }
}

/** Gives a share to some clients. @returns what each of them was given. */
function give(share: SharedBytes, ...clients: GzipClient[]): (SharedBytes | undefined)[] {
  return clients.map(({ coder, writes }) => {
    coder.write(share.bytes, share, 0)
    return writes.at(-1)?.shared
  })
}

function own({ coder }: GzipClient, text: string): void {
  coder.write(bytesOf(text), undefined, 0)
}

const start = (...clients: GzipClient[]): void => {
  for (const client of clients) own(client, ':\nretry: 1000\n')
}

const lengthOf = (given: SharedBytes | undefined): number => given?.bytes.length ?? Number.NaN

describe('gzip of one stream', () => {
  it('begins with the header, and lets out each write at once', () => {
    const client = create()
    own(client, ':\n')
    expect([...(client.writes[0]?.bytes ?? [])]).toEqual([
      ...[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff],
      ...[0, 2, 0, 0xfd, 0xff, 0x3a, 0x0a],
    ])
    expect(client.text()).toBe(':\n')
    own(client, event(1))
    expect(client.text()).toBe(`:\n${event(1)}`)
    expect(client.writes).toHaveLength(2)
  })

  it('ends with checksum and size', () => {
    const client = create()
    for (let number = 0; number < 50; number += 1) own(client, event(number))
    client.coder.end()
    expect(client.hasEnded()).toBe(true)
    expect(client.whole()).toBe(Array.from({ length: 50 }, (_, number) => event(number)).join(''))
  })

  it('is complete when nothing was written', () => {
    const client = create()
    client.coder.end()
    expect(client.whole()).toBe('')
  })

  it('refers to what was written before', () => {
    const client = create()
    own(client, event(1))
    own(client, event(2))
    expect(client.writes[1]?.bytes.length).toBeLessThan(40)
  })

  it('refers to large events from large events', () => {
    const client = create()
    const large = randomBytes(9_000).toString('base64')
    own(client, `data: 1 ${large}\n\n`)
    own(client, `data: 2 ${large}\n\n`)
    own(client, `data: 3 ${large}\n\n`)
    expect(client.writes[2]?.bytes.length).toBeLessThan(200)
  })

  it('says nothing after it was released', () => {
    const client = create()
    own(client, 'data: a\n\n')
    client.coder.release()
    own(client, 'data: b\n\n')
    client.coder.end()
    client.coder.release()
    expect(client.writes).toHaveLength(1)
    expect(client.hasEnded()).toBe(false)
  })
})

describe('gzip of a stream whose events are isolated', () => {
  it('refers to no other event, whether it left before or in the same write', () => {
    const client = create(true)
    own(client, event(1))
    const alone = client.writes[0]?.bytes.length ?? 0
    own(client, event(2))
    own(client, event(3) + event(4) + event(5))
    const header = 10
    // A digit more or less may cost or save a byte.
    expect(client.writes[1]?.bytes.length).toBeGreaterThan(alone - header - 5)
    expect(client.writes[2]?.bytes.length).toBeGreaterThan(3 * (alone - header - 5))
    expect(client.text()).toBe([1, 2, 3, 4, 5].map(event).join(''))
  })

  it('is the same bytes for all streams of a channel', () => {
    const [a, b] = [create(true), create(true)]
    start(a, b)
    const { next } = createShares()
    const [first, second] = give(next(event(1) + event(2)), a, b)
    expect(second).toBe(first)
    expect(a.text()).toBe(`:\nretry: 1000\n${event(1)}${event(2)}`)
    const [third] = give(next(), a)
    expect(lengthOf(third)).toBeGreaterThan(200)
  })
})

describe('gzip of the streams of a channel', () => {
  it('is the same bytes for all who came before, and refers to what came before', () => {
    const [a, b] = [create(), create()]
    start(a, b)
    const { next } = createShares()
    const [first, again] = give(next(), a, b)
    expect(again).toBe(first)
    const [second, once] = give(next(), b, a)
    expect(once).toBe(second)
    expect(lengthOf(second)).toBeLessThan(50)
  })

  it('does not make those wait who come later, and gives them the same bytes soon after a second', () => {
    const [a, b, late, later] = [create(), create(), create(), create()]
    start(a, b, late, later)
    const { next } = createShares()
    give(next(), a, b)
    vi.advanceTimersByTime(900)
    const [forAll, , forLate, forLater] = give(next(), a, b, late, later)
    expect(lengthOf(forAll)).toBeLessThan(50)
    expect(lengthOf(forLate)).toBeGreaterThan(200)
    // Those who wait have the same bytes, too.
    expect(forLater).toBe(forLate)
    vi.advanceTimersByTime(100)
    give(next(), a, b, late, later)
    const joined = give(next(), a, b, late, later)
    expect(new Set(joined).size).toBe(1)
    const after = give(next(), later, late, b, a)
    expect(new Set(after).size).toBe(1)
    expect(lengthOf(after[0])).toBeLessThan(50)
  })

  it('is the same bytes for them after 32 KiB, if that is sooner', () => {
    const [a, late] = [create(), create()]
    start(a, late)
    const { next } = createShares()
    give(next(), a)
    let shares = 0
    for (; shares < 1_000; shares += 1) {
      const given = give(next(), a, late)
      if (given[0] === given[1]) break
    }
    expect(shares * event(1).length).toBeGreaterThan(32_000)
    expect(shares * event(1).length).toBeLessThan(34_000)
  })

  it('does not begin anew when nobody waits', () => {
    const [a, b] = [create(), create()]
    start(a, b)
    const { next } = createShares()
    give(next(), a, b)
    for (let count = 0; count < 300; count += 1) {
      vi.advanceTimersByTime(2_000)
      const [given] = give(next(), a, b)
      expect(lengthOf(given)).toBeLessThan(60)
    }
  })

  it('goes on after heartbeats that all of them got', () => {
    const [a, b, odd] = [create(), create(), create()]
    start(a, b, odd)
    const { next } = createShares()
    give(next(), a, b, odd)
    own(a, ':\n')
    own(b, ':\n')
    own(b, ':\n')
    own(a, ':\n')
    own(odd, ':\n')
    const [forA, forB, forOdd] = give(next(), a, b, odd)
    expect(forB).toBe(forA)
    expect(lengthOf(forA)).toBeLessThan(60)
    expect(lengthOf(forOdd)).toBeGreaterThan(200)
    expect(odd.text()).toBe(`:\nretry: 1000\n${event(0)}:\n${event(1)}`)
  })

  it('is for itself again for one that got something else', () => {
    const [a, b] = [create(), create()]
    start(a, b)
    const { next } = createShares()
    give(next(), a, b)
    own(b, 'data: only for b\n\n')
    const [forA, forB] = give(next(), a, b)
    expect(forB).not.toBe(forA)
    vi.advanceTimersByTime(1_000)
    give(next(), a, b)
    const [alsoA, alsoB] = give(next(), a, b)
    expect(alsoB).toBe(alsoA)
  })

  it.each([
    ['first', 0],
    ['last', 2],
  ])('does not begin anew for one that always gets something in between and comes %s', (_, at) => {
    const [odd, a, b] = [create(), create(), create()]
    start(odd, a, b)
    const { next } = createShares()
    give(next(), a, b)
    const all = [a, b]
    all.splice(at, 0, odd)
    for (let count = 0; count < 20; count += 1) {
      vi.advanceTimersByTime(2_000)
      own(odd, 'data: only for it\n\n')
      const given = give(next(), ...all)
      const [forOdd] = given.splice(at, 1)
      expect(lengthOf(forOdd)).toBeGreaterThan(200)
      expect(new Set(given).size).toBe(1)
      expect(lengthOf(given[0])).toBeLessThan(60)
    }
  })

  it('begins anew where nobody is left who has the last share', () => {
    const [a, late, later] = [create(), create(), create()]
    start(a, late, later)
    const { next } = createShares()
    give(next(), a)
    vi.advanceTimersByTime(2_000)
    const alone = give(next(), late, later)
    expect(new Set(alone).size).toBe(1)
    const anew = give(next(), later, late)
    expect(new Set(anew).size).toBe(1)
    expect(lengthOf(anew[0])).toBeGreaterThan(200)
    const [joined, also] = give(next(), late, later)
    expect(also).toBe(joined)
    expect(lengthOf(joined)).toBeLessThan(60)
  })

  it('does not let one that is behind take the others back', () => {
    const [a, b, behind] = [create(), create(), create()]
    start(a, b, behind)
    const { next, old } = createShares()
    give(next(), a, b, behind)
    give(next(), a, b)
    give(next(), a, b)
    vi.advanceTimersByTime(1_000)
    for (const from of [1, 2]) {
      const [forBehind] = give(old(from), behind)
      expect(lengthOf(forBehind)).toBeGreaterThan(200)
    }
    const [forA, forB] = give(next(), a, b)
    expect(forB).toBe(forA)
    expect(lengthOf(forA)).toBeLessThan(50)
  })

  it('refers to nothing that only one of them got, and nothing of that refers to the channel', () => {
    const [a, b] = [create(), create()]
    start(a, b)
    own(a, event(0))
    const { next } = createShares()
    const [forA, forB] = give(next(), a, b)
    expect(forB).toBe(forA)
    expect(lengthOf(forA)).toBeGreaterThan(200)
    own(a, event(1))
    expect(a.writes.at(-1)?.bytes.length).toBeGreaterThan(200)
  })

  it('compresses the pieces of a share once for all, as shares of their own', () => {
    const [a, b] = [create(), create()]
    start(a, b)
    const large = randomBytes(60_000).toString('base64')
    const { next } = createShares()
    const share = next(`data: ${large}\n\n`)
    const after = next(`data: ${large.slice(-900)}\n\n`)
    for (const { coder } of [a, b]) {
      coder.write(share.bytes.subarray(0, 65_536), share, 0)
      coder.write(share.bytes.subarray(65_536), share, 65_536)
      coder.write(after.bytes, after, 0)
    }
    const sharedBy = ({ writes }: GzipClient) => writes.slice(1).map(({ shared }) => shared)
    expect(sharedBy(a)).toHaveLength(3)
    for (const [index, shared] of sharedBy(a).entries()) expect(sharedBy(b)[index]).toBe(shared)
    expect(lengthOf(sharedBy(a)[2])).toBeLessThan(100)
    expect(b.text()).toContain(large)
  })

  it('is right for who was given a share of a channel that everybody has left since', () => {
    const sequence: Sequence = {}
    const share = (from: number): SharedBytes => ({
      bytes: bytesOf(event(from)),
      sequence,
      from,
      to: from + 1,
    })
    const [old, fresh] = [create(), create()]
    start(old, fresh)
    const kept = share(0)
    give(kept, old)
    // Nobody follows it any more.
    sequence.compressed = undefined
    give(share(7), fresh)
    give(kept, fresh)
    vi.advanceTimersByTime(5_000)
    for (let from = 8; from < 12; from += 1) give(share(from), fresh, old)
    expect(fresh.text()).toBe(`:\nretry: 1000\n${[7, 0, 8, 9, 10, 11].map(event).join('')}`)
    expect(old.text()).toBe(`:\nretry: 1000\n${[0, 8, 9, 10, 11].map(event).join('')}`)
  })
})
