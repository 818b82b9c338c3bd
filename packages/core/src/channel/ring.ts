/** A queue whose items keep their position for good, however many were dropped before them. */
export interface Ring<Item> {
  /** The position of the oldest item. */
  start: number
  /** The position of the next item to come. */
  end: number
  /** As many places as a power of two; position `p` is at `p & (places - 1)`. */
  places: (Item | undefined)[]
}

const FEWEST_PLACES = 16

/** @param start - The position of the first item to come. */
export function createRing<Item>(start = 0): Ring<Item> {
  return { start, end: start, places: [] }
}

/** Adds an item at the end. */
export function push<Item>(ring: Ring<Item>, item: Item): void {
  const { length } = ring.places
  if (ring.end - ring.start === length) resize(ring, Math.max(FEWEST_PLACES, length * 2))
  ring.places[ring.end & (ring.places.length - 1)] = item
  ring.end += 1
}

/** The item at a position between `start` and `end`. */
export function itemAt<Item>(ring: Ring<Item>, position: number): Item {
  return ring.places[position & (ring.places.length - 1)] as Item
}

/** Drops all items before a position. What is empty holds no memory. */
export function dropBefore<Item>(ring: Ring<Item>, position: number): void {
  const { places } = ring
  const start = Math.min(position, ring.end)
  for (let dropped = ring.start; dropped < start; dropped += 1) {
    places[dropped & (places.length - 1)] = undefined
  }
  ring.start = Math.max(ring.start, start)
  const size = ring.end - ring.start
  if (size === 0) ring.places = []
  else if (places.length > FEWEST_PLACES && size <= places.length / 4) {
    resize(ring, places.length / 2)
  }
}

function resize<Item>(ring: Ring<Item>, length: number): void {
  const places: (Item | undefined)[] = Array.from({ length })
  for (let position = ring.start; position < ring.end; position += 1) {
    places[position & (length - 1)] = itemAt(ring, position)
  }
  ring.places = places
}
