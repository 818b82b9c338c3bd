import type { Readable } from 'node:stream'
import { count } from '../client/summary.ts'
import {
  createWaiting,
  DEFAULT_TIMEOUT_MS,
  resolveTimeoutMs,
  type WaitOptions,
  within,
} from '../client/waiting.ts'
import { SseTestError, type SseTestErrorCode } from '../errors.ts'
import { pointsAtCaller } from '../point-at-caller.ts'

// What ends a chunked body (RFC 9112, section 7.1).
const LAST_CHUNK = '\r\n0\r\n\r\n'
const KEPT_OPEN =
  ': the response is complete, but it waits for the connection to close. Use `waitFor()` for the response, or send `Connection: close`'

/**
 * How a raw connection ended, as far as this side can tell.
 *
 * - `ended`: the peer closed its side in good order (FIN, or END_STREAM on HTTP/2).
 * - `reset`: the peer reset the connection or the HTTP/2 stream.
 * - `closed`: this side closed or reset it.
 *
 * @public
 */
export type RawEnd = 'ended' | 'reset' | 'closed'

/**
 * A response head.
 *
 * @public
 */
export interface RawHead {
  /** The status code. */
  readonly status: number

  /** The response headers. */
  readonly headers: Headers
}

/**
 * What a fault tool reads. Nothing is parsed or decoded but UTF-8.
 *
 * @public
 */
export interface RawIntake {
  /** How many bytes this side has taken in; those that wait in the kernel do not count. */
  readonly bytesRead: number

  /** All of them as text: with status line, headers and chunk sizes where they are on the wire. */
  readonly text: string

  /**
   * Resolves with `text` when `condition` is true of it. It is asked at once and whenever bytes
   * were read. Rejects with `ERR_SSE_TEST_TIMEOUT`, or `ERR_SSE_TEST_ENDED` if nothing more comes.
   */
  waitFor(condition: (text: string) => boolean, options?: WaitOptions): Promise<string>

  /** Resolves with the first response head; rejects as `waitFor` does. */
  head(options?: WaitOptions): Promise<RawHead>

  /**
   * Resolves when the connection has ended, and tells how. After a response that is complete, HTTP/1.1
   * servers keep it open for some seconds: wait for the response, or send `Connection: close`. A reader that is paused sees nothing of
   * its peer, not even its end. Rejects with `ERR_SSE_TEST_TIMEOUT`.
   */
  ended(options?: WaitOptions): Promise<RawEnd>

  /**
   * Stops reading: from now on the peer fills the kernel's buffers (about 4 MB on loopback; on
   * HTTP/2 the flow-control window), then its writes wait.
   */
  pause(): void

  /** Reads on, as fast as bytes come. */
  resume(): void
}

/** An intake, and what drives it. */
export interface IntakeControl {
  readonly intake: Omit<RawIntake, 'head'>
  /** Resolves with the first result of `attempt`; rejects when the connection is over. */
  waitUntil<T>(label: string, attempt: () => T | undefined, options?: WaitOptions): Promise<T>
  /** Resolves when what `start` starts is done; rejects with its error, or when time is over. */
  settle(label: string, start: (done: (error?: Error | null) => void) => void): Promise<void>
  /** Something other than bytes has come. */
  notify(): void
  /** Ends it, unless it has ended. */
  finish(end: RawEnd): void
}

/** Collects what `stream` emits as `data`. `timeoutMs` is the default of all that waits. */
export function createIntake(
  stream: Readable,
  { timeoutMs: defaultMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
): IntakeControl {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const waiting = createWaiting()
  let text = ''
  let bytesRead = 0
  let end: RawEnd | undefined
  stream.on('data', (chunk: Uint8Array) => {
    bytesRead += chunk.byteLength
    text += decoder.decode(chunk, { stream: true })
    waiting.notify()
  })
  const fail = (code: SseTestErrorCode, problem: string) =>
    new SseTestError(
      code,
      `${problem}; ${count(bytesRead, 'byte')} read, the last are ${JSON.stringify(text.slice(-120))}`,
    )
  const timedOut = (label: string, timeoutMs: number) => {
    const isKeptOpen = label === 'ended()' && text.endsWith(LAST_CHUNK)
    const why = isKeptOpen ? KEPT_OPEN : ''
    return fail('ERR_SSE_TEST_TIMEOUT', `\`${label}\` timed out after ${timeoutMs} ms${why}`)
  }
  const wait = async <T>(
    label: string,
    attempt: () => T | undefined,
    options?: WaitOptions,
  ): Promise<T> => {
    const timeoutMs = resolveTimeoutMs(options, defaultMs)
    return waiting.wait(attempt, timeoutMs, () => timedOut(label, timeoutMs))
  }
  const waitUntil: IntakeControl['waitUntil'] = (label, attempt, options) => {
    const orThrow = () => {
      const result = attempt()
      if (result !== undefined || !end) return result
      throw fail('ERR_SSE_TEST_ENDED', `\`${label}\` failed, the connection is over (${end})`)
    }
    return wait(label, orThrow, options)
  }
  const intake: IntakeControl['intake'] = {
    get bytesRead() {
      return bytesRead
    },
    get text() {
      return text
    },
    waitFor: pointsAtCaller((condition, options) =>
      waitUntil('waitFor()', () => (condition(text) ? text : undefined), options),
    ),
    ended: pointsAtCaller((options) => wait('ended()', () => end, options)),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  }
  const finish = (how: RawEnd) => {
    end ??= how
    waiting.notify()
  }
  const settle: IntakeControl['settle'] = (label, start) => {
    const work = new Promise<void>((resolve, reject) => {
      start((error) => (error ? reject(error) : resolve()))
    })
    return within(work, defaultMs, () => timedOut(label, defaultMs))
  }
  return { intake, waitUntil, settle, notify: waiting.notify, finish }
}
