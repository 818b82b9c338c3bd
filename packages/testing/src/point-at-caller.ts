import { SseTestError } from './errors.ts'

type AsyncMethod<Parameters extends unknown[], Result> = (...args: Parameters) => Promise<Result>

/**
 * Does the work of the public function `entry`, which must be on the call stack. When it rejects
 * with an {@link SseTestError}, the stack of the error is that of the call of `entry`: it is made
 * long after, by a timer or a socket, whose stack leads nowhere, and test runners show the source
 * code at the first frame.
 */
export async function pointAtCaller<Result>(
  entry: (...args: never[]) => unknown,
  work: () => Promise<Result>,
): Promise<Result> {
  const site: { stack?: unknown } = {}
  // Cheap: the frames become text when somebody reads them. Those of this package are left out.
  Error.captureStackTrace(site, entry)
  try {
    return await work()
  } catch (error) {
    if (error instanceof SseTestError) showCallSite(error, site.stack)
    throw error
  }
}

/** Makes `work` a method whose errors point at the line that called it; see {@link pointAtCaller}. */
export function pointsAtCaller<Parameters extends unknown[], Result>(
  work: AsyncMethod<Parameters, Result>,
): AsyncMethod<Parameters, Result> {
  // `async`, or else Bun makes a tail call of it, and the frame to begin at is gone.
  return async function method(...args) {
    return pointAtCaller(method, () => work(...args))
  }
}

function showCallSite(error: SseTestError, stack: unknown): void {
  // Text unless somebody has replaced `Error.prepareStackTrace`; one line if frames are off.
  const firstFrame = typeof stack === 'string' ? stack.search(/\n\s+at /) : -1
  if (firstFrame < 0) return
  error.stack = `${error.name}: ${error.message}${String(stack).slice(firstFrame)}`
}
