import type { ClientStream } from '../clients/client.ts'

/** What a client made of an event stream, however often it had to come back. */
export interface View {
  /** The data of its events so far, in order; of other types than `message` with the type before it. */
  readonly seen: readonly string[]
  /** Resolves when an event named `done` came; rejects if the client gave up before. */
  readonly done: Promise<void>
  /** Resolves when the client stays away for good. */
  readonly gone: Promise<void>
}

/** Reads all that a client says. */
export function watch(stream: ClientStream): View {
  const seen: string[] = []
  let settleDone: () => void
  let failDone: (error: Error) => void
  const done = new Promise<void>((resolve, reject) => {
    settleDone = resolve
    failDone = reject
  })
  const read = async (): Promise<void> => {
    for (;;) {
      const happening = await stream.next()
      if (happening.type === 'failed') throw new Error(happening.why)
      if (happening.type === 'lost' && happening.isFinal) break
      if (happening.type !== 'event') continue
      const { event, data } = happening
      if (event === 'done') settleDone()
      else seen.push(event === 'message' ? data : `${event} ${data}`)
    }
    failDone(new Error('the client gave up'))
  }
  const gone = read()
  gone.catch((error: Error) => failDone(error))
  // Whoever waits for it hears of it.
  done.catch(() => undefined)
  return { seen, done, gone }
}
