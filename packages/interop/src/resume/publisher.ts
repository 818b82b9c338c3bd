import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'

// No test comes near it; a client that makes no progress does.
const MOST_EVENTS = 20_000

/** The data of the event with a number. */
export function dataOf(name: string, number: number): string {
  return number % 3 === 0 ? `${name}${number}\nof several\n\nlines` : `${name}${number}`
}

/**
 * Publishes numbered events, alone and several in a turn, until something holds.
 *
 * @returns what was published.
 */
export async function publishUntil(
  random: Random,
  isEnough: () => boolean,
  publish: (data: string) => unknown,
  name = '',
): Promise<string[]> {
  const published: string[] = []
  while (!isEnough()) {
    const burst = random.pick([1, 1, 1, 2, 3, 8])
    for (let count = 0; count < burst; count += 1) {
      const data = dataOf(name, published.length)
      published.push(data)
      publish(data)
    }
    if (published.length > MOST_EVENTS) throw new Error('the client makes no progress')
    await (random.below(4) === 0 ? nextTurn() : sleep(1 + random.below(6)))
  }
  return published
}
