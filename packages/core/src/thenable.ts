/** Whether `value` has to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/** Nobody waits for it: what it rejects with is nobody's business any more. */
export function swallow(value: unknown): void {
  if (isThenable(value)) value.then(undefined, () => undefined)
}
