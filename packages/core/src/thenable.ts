/** Whether `value` has to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/** Nobody waits for it: what it rejects with is nobody's business any more. */
export function swallow(value: unknown): void {
  if (isThenable(value)) value.then(undefined, () => undefined)
}

/** Calls what belongs to somebody else, and hands over what it throws, at once or as a rejection. */
export function callSafely(call: () => unknown, fail: (error: unknown) => void): void {
  try {
    const result = call()
    if (isThenable(result)) result.then(undefined, fail)
  } catch (error) {
    fail(error)
  }
}

/** Where no hook is there for errors, or it fails itself, the console is all that is left. */
export function logError(error: unknown): void {
  console.error(error)
}
