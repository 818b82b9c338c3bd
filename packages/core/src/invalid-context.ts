import { SseError, show } from './errors.ts'

/** The fix of an adapter that names none. */
export const ANY_FIX =
  'Use the adapter of your framework, and give `respond()` what its handlers get as their second argument.'

/**
 * What an adapter says about its context, for the error of those who give something else.
 *
 * @public
 */
export interface ContextHelp {
  /** What is needed, as the sentence that `, got …` completes: `` `@sse/hono` needs Hono's `c` ``. */
  readonly rule: string
  /** What to do instead, as a sentence of its own. */
  readonly fix: string
}

/**
 * The error for what is no context of an adapter.
 *
 * @param help - What the adapter says about its context.
 * @param got - What came instead, in words.
 * @param values - Where a context of another framework may be found, whose adapter is the fix then.
 */
export function invalidContext(
  { rule, fix }: ContextHelp,
  got: string,
  ...values: readonly unknown[]
): SseError {
  const owner = values.map(ownerOf).find((found) => found !== undefined)
  return new SseError('ERR_SSE_INVALID_CONTEXT', `${rule}, got ${got}. ${owner ?? fix}`)
}

/** Recognises the contexts of our adapters by what only they have. */
function ownerOf(value: unknown): string | undefined {
  const { req, request } = (value ?? {}) as { req?: { raw?: unknown }; request?: { ctx?: unknown } }
  if (req?.raw !== undefined) return "That is Hono's `c`: use `@sse/hono`."
  if (value !== undefined && request?.ctx === value) return "That is Koa's `ctx`: use `@sse/koa`."
  return undefined
}

/** Whether a value is the request of a Node server. */
export function isNodeRequest(value: unknown): boolean {
  const { headers, httpVersion } = (value ?? {}) as { headers?: unknown; httpVersion?: unknown }
  return typeof headers === 'object' && typeof httpVersion === 'string'
}

/** Whether a value is a `Request`, as far as it is needed. */
export function isRequest(value: unknown): value is Request {
  return typeof (value as Partial<Request> | null | undefined)?.headers?.get === 'function'
}

/** Shows a context, or what it holds under the names that matter. */
export function showContext(context: unknown, ...names: readonly string[]): string {
  const held = (context ?? {}) as Record<string, unknown>
  const found = names.filter((name) => held[name] !== undefined)
  if (found.length === 0) return show(context)
  return found.map((name) => `\`${name}\` = ${show(held[name])}`).join(' and ')
}
