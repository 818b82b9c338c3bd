import type { ServerSentEvent } from './server-sent-event.ts'

/** What a client is told of an error of the server: that there was one. */
export const MASKED_ERROR: ServerSentEvent = {
  event: 'error',
  data: { error: 'Internal server error' },
}
