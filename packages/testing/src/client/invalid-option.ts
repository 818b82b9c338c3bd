import { inspect } from 'node:util'
import { SseTestError } from '../errors.ts'

/** The error for an option that cannot be used: `rule` completes the sentence "`name` must be …". */
export function invalidOption(name: string, rule: string, value: unknown): SseTestError {
  const shown = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
  return new SseTestError('ERR_SSE_TEST_OPTION', `\`${name}\` must be ${rule}, got ${shown}`)
}

/** The error for an option that the platform refuses, with its reason. */
export function refusedOption(name: string, rule: string, cause: unknown): SseTestError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SseTestError('ERR_SSE_TEST_OPTION', `\`${name}\` must be ${rule}: ${reason}`, {
    cause,
  })
}
