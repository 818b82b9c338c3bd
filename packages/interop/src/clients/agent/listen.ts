import type { Emit } from './happening.ts'

/** What any EventSource has, in whatever library. */
export interface EventSourceLike {
  readonly readyState: number
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

// All that the scenarios send: an EventSource cannot be asked for events of any type.
const TYPES = ['message', 'stage', 'token', 'empty', 'resumed', 'done', 'gap']

const CLOSED = 2

/** Tells what an EventSource does. */
export function listen(source: EventSourceLike, emit: Emit): () => void {
  source.addEventListener('open', () => emit({ type: 'open' }))
  for (const type of TYPES) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      emit({ type: 'event', event: type, data, id: lastEventId })
    })
  }
  // Events named `error` arrive here as well, and are told apart by their data.
  source.addEventListener('error', ({ data, lastEventId }: Partial<MessageEvent<string>>) => {
    if (data === undefined) emit({ type: 'lost', isFinal: source.readyState === CLOSED })
    else emit({ type: 'event', event: 'error', data, id: lastEventId ?? '' })
  })
  return () => source.close()
}
