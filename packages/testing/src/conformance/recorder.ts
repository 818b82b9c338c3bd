import type { ConnectionInfo, EndReason, EventStream, RejectReason, SseOptions } from '@sse/core'

/** What one handler saw of its event stream. */
export interface StreamLog {
  /** The path of the scenario. */
  readonly path: string
  readonly stream: EventStream
  /** `signal.reason`, once for each `abort` event. */
  readonly aborts: unknown[]
  /** What `stream.ended` resolved to. */
  readonly endings: EndReason[]
}

/** What happened to one source that has something to clean up. */
export interface SourceLog {
  /** How many events it made. */
  produced: number
  /** How often it cleaned up: `finally`, `return()`, `cancel()` or `destroy()`. */
  cleaned: number
}

/** What a hook was told. */
export interface HookCall {
  readonly info: ConnectionInfo<unknown>
  /** The `X-Client` header, read from the context that the hook got. */
  readonly client: string | undefined
}

/**
 * Everything that the hooks, handlers and sources of one server were told, in order. Server and test run in
 * one process, so cases look at it directly.
 */
export interface Recorder {
  /** One entry for each call of a handler. */
  readonly streams: StreamLog[]
  /** One entry for each source that was started, if it cleans up. */
  readonly sources: SourceLog[]
  /** Calls of `onOpen`. */
  readonly opens: HookCall[]
  /** Calls of `onEnd`. */
  readonly ends: (HookCall & { readonly reason: EndReason })[]
  /** Calls of `onError`. A case takes out those that it expects. */
  readonly errors: (HookCall & { readonly error: unknown })[]
  /** Calls of `onReject`. */
  readonly rejects: { readonly reason: RejectReason; readonly client: string | undefined }[]
  /** What reached the framework's error handler. */
  readonly frameworkErrors: unknown[]
  /** What else happened, in order: `abort`, `cleaned`, `onEnd`, and what scenarios add. */
  readonly order: string[]
}

/** Makes an empty recorder. */
export function createRecorder(): Recorder {
  return {
    streams: [],
    sources: [],
    opens: [],
    ends: [],
    errors: [],
    rejects: [],
    frameworkErrors: [],
    order: [],
  }
}

/** Starts to note what happens to an event stream. */
export function logStream(recorder: Recorder, stream: EventStream, path: string): void {
  const log: StreamLog = { path, stream, aborts: [], endings: [] }
  const { signal } = stream
  signal.addEventListener('abort', () => {
    recorder.order.push('abort')
    log.aborts.push(signal.reason)
  })
  void stream.ended.then((reason) => log.endings.push(reason))
  recorder.streams.push(log)
}

/** Notes that a source was started. */
export function logSource(recorder: Recorder): SourceLog & { clean(): void } {
  const log = {
    produced: 0,
    cleaned: 0,
    clean() {
      log.cleaned += 1
      recorder.order.push('cleaned')
    },
  }
  recorder.sources.push(log)
  return log
}

/** Adds recording to the hooks of `options`. */
export function recordHooks<Context>(
  recorder: Recorder,
  options: SseOptions<Context>,
  clientOf: (context: Context) => string | undefined,
): SseOptions<Context> {
  const call = (info: ConnectionInfo<Context>): HookCall => ({
    info,
    client: clientOf(info.context),
  })
  return {
    ...options,
    onOpen(info) {
      recorder.opens.push(call(info))
      options.onOpen?.(info)
    },
    onEnd(reason, info) {
      recorder.order.push('onEnd')
      recorder.ends.push({ ...call(info), reason })
      options.onEnd?.(reason, info)
    },
    onError(error, info) {
      recorder.errors.push({ ...call(info), error })
      options.onError?.(error, info)
    },
    onReject(reason, context) {
      recorder.rejects.push({ reason, client: clientOf(context) })
      options.onReject?.(reason, context)
    },
  }
}
