import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { SseTestError } from '../src/errors.ts'

export const EVENT_STREAM = { 'content-type': 'text/event-stream' }

/** A promise that the test, or the server under test, settles. */
export interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
}

export function defer<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Starts an event stream on a Node response and flushes its head. */
export function openStream(res: ServerResponse): ServerResponse {
  res.writeHead(200, EVENT_STREAM)
  res.flushHeaders()
  return res
}

/** The HTTP/2 side of a response that `node:http2` passed to a listener. */
export function http2Side(res: ServerResponse): Http2ServerResponse {
  return res as unknown as Http2ServerResponse
}

/** A `Response` whose body is what the test enqueues. */
export function eventStreamResponse(body: ReadableStream | string, status = 200): Response {
  return new Response(body, { status, headers: EVENT_STREAM })
}

/** A body of the given chunks that then ends. */
export function streamOf(chunks: readonly (string | Uint8Array)[]): ReadableStream {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
      }
      controller.close()
    },
  })
}

/** The error that a promise rejects with, which must be one of ours. */
export async function rejection(promise: Promise<unknown>): Promise<SseTestError> {
  const outcome: unknown = await promise.then(
    (value) => ({ resolvedWith: value }),
    (error: unknown) => error,
  )
  if (outcome instanceof SseTestError) return outcome
  throw new Error('expected an SseTestError', { cause: outcome })
}
