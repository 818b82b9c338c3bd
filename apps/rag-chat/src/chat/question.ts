const MAX_CHARACTERS = 2_000
const EXAMPLE = '{"question": "What is a heartbeat?"}'

/** A body that holds no question which can be answered; the message says why, and how to repair it. */
export class BadQuestion extends Error {}

/**
 * Reads the question from a parsed body.
 *
 * @throws {@link BadQuestion}
 */
export function readQuestion(body: unknown): string {
  const { question } = Object(body) as { question?: unknown }
  if (typeof question !== 'string' || question.trim() === '') {
    const received = question === '' ? 'an empty one' : describe(question)
    throw new BadQuestion(
      `\`question\` must be a string that is not empty, got ${received}. Send ${EXAMPLE} with Content-Type: application/json.`,
    )
  }
  if (question.length > MAX_CHARACTERS) {
    throw new BadQuestion(
      `\`question\` must not be longer than ${MAX_CHARACTERS} characters, got ${question.length}. Ask a shorter one.`,
    )
  }
  return question.trim()
}

function describe(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'string' ? 'only white space' : `${JSON.stringify(value).slice(0, 40)}`
}
