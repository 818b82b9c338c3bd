import type { Outcome, QuietForm } from './quiet-forms.ts'

type Outcomes = Partial<Record<QuietForm, Outcome>>

const EVERY_BLANK_LINE: Outcomes = {
  'colon, LF, LF': [3, 3, 3],
  'colon, text, LF, LF': [3, 3, 3],
  LF: [3, 3, 3],
  'retry, LF, LF': [3, 3, 3],
}

/**
 * What clients make of forms that are to be no event, after nothing, an event, and an event with an id. What is
 * not here is as it ought to be: no event. Each form is sent three times.
 */
export const OUTCOMES: Readonly<Record<string, Outcomes>> = {
  'fetch-event-source in Chromium': EVERY_BLANK_LINE,
  "Python's http.client": {
    'colon, LF, LF': [0, 0, 3],
    'colon, text, LF, LF': [0, 0, 3],
    LF: [0, 0, 3],
    'retry, LF, LF': [3, 3, 3],
  },
  // An event without data is not JSON.
  'openai for Python': {
    'colon, LF, LF': [0, 0, 'breaks'],
    'colon, text, LF, LF': [0, 0, 'breaks'],
    LF: [0, 0, 'breaks'],
    'retry, LF, LF': ['breaks', 'breaks', 'breaks'],
  },
}

/** Clients that take a reconnection time only from a block that a blank line completes. */
export const IGNORE_LAST_WORDS: readonly string[] = ['undici EventSource', "Node's EventSource"]
