import { connect, type Socket } from 'node:net'
import {
  assertTimeoutMs,
  DEFAULT_TIMEOUT_MS,
  startDeadline,
  type WaitOptions,
} from '../client/waiting.ts'
import { stopTimer } from '../clock.ts'
import { SseTestError, type SseTestErrorCode } from '../errors.ts'
import type { Address } from './raw-request.ts'

/** How a socket is opened. A paused one is never read from, not even to see its peer leave. */
export interface OpenSocketOptions extends WaitOptions {
  readonly isPaused?: boolean | undefined
}

/** Connects. */
export function openSocket(
  { hostname, port }: Address,
  { isPaused = false, timeoutMs = DEFAULT_TIMEOUT_MS }: OpenSocketOptions = {},
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    assertTimeoutMs(timeoutMs)
    const socket = connect({ host: hostname, port })
    if (isPaused) socket.pause()
    const fail = (code: SseTestErrorCode, problem: string, cause?: Error) => {
      stopTimer(timer)
      socket.destroy()
      const message = `no connection to ${hostname}:${port}: ${problem}`
      reject(new SseTestError(code, message, cause && { cause }))
    }
    const refuse = (cause: Error) => fail('ERR_SSE_TEST_NO_RESPONSE', cause.message, cause)
    const timer = startDeadline(timeoutMs, () =>
      fail('ERR_SSE_TEST_TIMEOUT', `none within ${timeoutMs} ms`),
    )
    socket.once('error', refuse)
    socket.once('connect', () => {
      stopTimer(timer)
      socket.removeListener('error', refuse)
      resolve(socket)
    })
  })
}
