import { fetchEventSource } from '@microsoft/fetch-event-source'
import type { Opener } from './happening.ts'

class Refused extends Error {}

/** Opens an event stream as users of this library are told to: back after an end, away after a refusal. */
export const openFetchEventSource: Opener = (url, headers, emit) => {
  const controller = new AbortController()
  let lastId = ''
  fetchEventSource(url, {
    headers,
    signal: controller.signal,
    // A page in the background goes on reading.
    openWhenHidden: true,
    onopen: async ({ status }) => {
      if (status !== 200) throw new Refused(`status ${status}`)
      emit({ type: 'open' })
    },
    onmessage: ({ event, data, id }) => {
      // It gives the id of the block, not the last event ID.
      if (id !== '') lastId = id
      emit({ type: 'event', event: event === '' ? 'message' : event, data, id: lastId })
    },
    onclose: () => {
      emit({ type: 'lost', isFinal: false })
      throw new Error('come back, as an EventSource does')
    },
    onerror: (error) => {
      if (error instanceof Refused) throw error
    },
  }).catch(({ message }: Error) => emit({ type: 'failed', why: message }))
  return () => controller.abort()
}
