// Generous, because two cores run everything at once; a green run never waits for it.
const DEADLINE_MS = 10_000

/** Things that come in one after the other, and wait until a test takes them. */
export interface Inbox<T> {
  put(item: T): void
  /**
   * Takes the first item that matches, waiting for it if need be. Others before it stay.
   *
   * @throws Error, as a rejection, if none came in time; it says what came instead.
   */
  take(matches?: (item: T) => boolean): Promise<T>
  /** Everything that came and was not taken. */
  readonly left: readonly T[]
}

export function createInbox<T>(label: string): Inbox<T> {
  const left: T[] = []
  const waiting = new Set<() => void>()
  return {
    left,
    put(item) {
      left.push(item)
      for (const look of waiting) look()
    },
    take(matches = () => true) {
      const takeNow = (): { item: T } | undefined => {
        const index = left.findIndex((item) => matches(item))
        return index === -1 ? undefined : { item: left.splice(index, 1)[0] as T }
      }
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const taken = takeNow()
          if (taken === undefined) return
          waiting.delete(look)
          clearTimeout(timer)
          resolve(taken.item)
        }
        const timer = setTimeout(() => {
          waiting.delete(look)
          const rest = JSON.stringify(left)
          reject(new Error(`${label}: nothing that fits within ${DEADLINE_MS} ms, only ${rest}`))
        }, DEADLINE_MS)
        waiting.add(look)
        look()
      })
    },
  }
}
