import type { Random } from './random.ts'

// Where a response is cut: anywhere in its body, or in what a client must not take for more than it is.
const PLACES = ['body', 'event', 'id line', 'chunk header', 'head'] as const
const ENDS = ['FIN', 'RST'] as const

/** Where and how one response is cut. */
export interface Cut {
  readonly place: (typeof PLACES)[number]
  readonly end: (typeof ENDS)[number]
  /** The how manieth of these places. */
  readonly nth: number
  /** How far in it, from 0 on and below 1. */
  readonly within: number
}

const KINDS = PLACES.flatMap((place) => ENDS.map((end) => ({ place, end })))
const MOST_EVENTS = 20
const MOST_BYTES = 1_500

// An id and the line end after it, but not the blank line that makes an event of it.
const ID_LINE = /\nid: [^\n]*\n/g
const EVENT = /\ndata: [^\0]*?\n\n/g
const CHUNK_HEADER = /\r\n[0-9a-f]+\r\n/g
const HEAD_END = '\r\n\r\n'

/** Makes cuts, of every kind before one comes again. */
export function planCuts(random: Random): () => Cut {
  // A client that has heard no event knows neither when to come back nor where it was.
  const first: Cut = { place: 'id line', end: 'RST', nth: 2, within: 0 }
  const cuts: Cut[] = [first]
  return () => {
    if (cuts.length === 0) {
      for (const { place, end } of random.shuffle(KINDS)) {
        const nth = 1 + random.below(place === 'body' ? MOST_BYTES : MOST_EVENTS)
        cuts.push({ place, end, nth, within: random.below(1_000) / 1_000 })
      }
    }
    return cuts.shift() as Cut
  }
}

/** How many bytes of a response are let through; `undefined`: the place was not reached yet. */
export function offsetOf({ place, nth, within }: Cut, response: string): number | undefined {
  if (place === 'head') return response.length > 0 ? 1 : undefined
  const headEnd = response.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const bodyAt = headEnd + HEAD_END.length
  if (place === 'body') return response.length >= bodyAt + nth ? bodyAt + nth : undefined
  const patterns = { 'id line': ID_LINE, event: EVENT, 'chunk header': CHUNK_HEADER }
  const found = [...response.slice(bodyAt).matchAll(patterns[place])][nth - 1]
  if (found === undefined) return undefined
  // At least one byte of it, and at most all.
  return bodyAt + found.index + 1 + Math.floor(within * found[0].length)
}
