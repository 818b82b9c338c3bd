import type { Received } from './received.ts'
import type { ReceivedEvent } from './received-event.ts'

// Enough to see what happened; a failing test is read by a person.
const SHOWN_EVENTS = 10
const SHOWN_CHARACTERS = 120

/** Cuts text that is too long to be shown, and says so. */
export function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}

/** Says in a few lines what has come on an event stream. */
export function summarize(received: Received): string {
  const { events, comments, bytes } = received
  const lines = [
    `Received so far: ${count(events.length, 'event')}, ${count(comments.length, 'comment')}, ` +
      `${count(bytes, 'byte')}.`,
  ]
  if (events.length > SHOWN_EVENTS) lines.push(`  (${events.length - SHOWN_EVENTS} earlier)`)
  for (const event of events.slice(-SHOWN_EVENTS)) lines.push(`  ${showEvent(event)}`)
  const rest = unfinished(received.text)
  if (rest) lines.push(`  not (yet) an event, no blank line: ${JSON.stringify(shorten(rest))}`)
  return lines.join('\n')
}

/** `1 event`, `2 events`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

function showEvent({ event, id, data }: ReceivedEvent): string {
  return `${event}: ${JSON.stringify(shorten(data))}${id === undefined ? '' : ` (id ${id})`}`
}

/** What comes after the last blank line, unless it is only comments. */
function unfinished(text: string): string {
  const rest = text.slice(/^[^]*(?:\r\n\r\n|\n\n|\r\r)/.exec(text)?.[0].length ?? 0)
  return rest.replace(/^:[^\r\n]*(?:\r\n|\r|\n)/gm, '')
}
