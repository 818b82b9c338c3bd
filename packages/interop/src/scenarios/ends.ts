import type { Scenario } from './scenario.ts'

export const SECRET = 'the database password is swordfish'

/** Ends by itself, and lets the library send the last event. */
export const completing: Scenario = {
  options: { completion: { event: 'done', data: '[DONE]' } },
  run: () => ['only'],
}

/** Breaks off after an event, with an error that is nobody's business. */
export const failing: Scenario = {
  options: { onError: () => undefined },
  async *run() {
    yield { event: 'stage', data: 'started' }
    throw new Error(SECRET)
  },
}
