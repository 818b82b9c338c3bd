import { inspect } from 'node:util'
import { SseTestError } from '../errors.ts'

/** The names of all options that a function takes. */
export type KnownOptions<Options> = Readonly<Record<keyof Options, true>>

/** The error for an option that cannot be used: `rule` completes the sentence "`name` must be …". */
export function invalidOption(name: string, rule: string, value: unknown): SseTestError {
  const message = `\`${name}\` must be ${rule}, got ${show(value)}`
  return new SseTestError('ERR_SSE_TEST_OPTION', message)
}

/** The error for an option that the platform refuses, with its reason. */
export function refusedOption(name: string, rule: string, cause: unknown): SseTestError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SseTestError('ERR_SSE_TEST_OPTION', `\`${name}\` must be ${rule}: ${reason}`, {
    cause,
  })
}

/**
 * Refuses what is no object of options, and options that `user` does not have: ignored, they would
 * make a test pass that tests something else.
 */
export function assertOptions<Options extends object>(
  user: string,
  options: Options,
  known: KnownOptions<Options>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption('options', `an object${intention(options, known)}`, options)
  }
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(known, name)) continue
    const names = Object.keys(known).join(', ')
    const message = `\`${name}\` is no option of ${user}, which takes ${names}, got ${show(value)}`
    throw new SseTestError('ERR_SSE_TEST_OPTION', message)
  }
}

/** What a value was probably meant to be that was given in the place of options. */
function intention(value: unknown, known: object): string {
  if (typeof value === 'string' && 'path' in known) return `, such as { path: ${show(value)} }`
  if (typeof value !== 'number' || !('timeoutMs' in known)) return ''
  return `, such as { timeoutMs: ${show(value)} }`
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
}
