import { atRest, eventually } from './eventually.ts'
import type { Trial } from './trial.ts'

/**
 * Waits until everything between the first source and its client, which does not read, is full. `stats()`
 * cannot tell: a client is stalled for a moment after every write.
 *
 * @returns How many events the source has made by then.
 */
export async function full({ recorder }: Trial): Promise<number> {
  const source = await eventually(() => {
    const [first] = recorder.sources
    if (first === undefined || first.produced === 0) throw new Error('the source has not started')
    return first
  })
  return atRest(() => source.produced)
}
