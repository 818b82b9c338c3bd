import { settledWithin } from '../../clock.ts'
import { SseTestError } from '../../errors.ts'
import { refusedOption } from '../invalid-option.ts'
import type { FetchApp } from '../target.ts'
import type { Transport, TransportResponse } from './transport.ts'

// A source may be parked in an `await` that never settles; closing does not wait for it for long.
const CANCEL_LIMIT_MS = 500

/**
 * Calls a fetch handler in this process. Closing does what a server does when the client goes
 * away: it aborts the request's `signal` and cancels the response body.
 */
export function fetchTransport(app: FetchApp): Transport {
  return async ({ url, method, headers, body }, signal) => {
    const client = new AbortController()
    const request = createFetchRequest(url, {
      method,
      headers,
      signal: client.signal,
      ...(body && { body }),
    })
    const answer = Promise.resolve(app.fetch(request)).then(assertResponse)
    const response = await unlessAborted(answer, signal, () => {
      client.abort(signal.reason)
      answer.then((late) => late.body?.cancel()).catch(ignore)
    })
    return toTransportResponse(response, client)
  }
}

function createFetchRequest(url: URL, init: RequestInit): Request {
  try {
    return new Request(url, init)
  } catch (cause) {
    throw refusedOption('method', 'one that a fetch `Request` can have with this body', cause)
  }
}

function toTransportResponse(response: Response, client: AbortController): TransportResponse {
  const reader = response.body?.getReader()
  let isOver = !reader
  reader?.closed.finally(() => (isOver = true)).catch(ignore)
  return {
    status: response.status,
    headers: response.headers,
    body: readChunks(reader),
    async close() {
      // A client that has all it asked for is not one that goes away.
      if (isOver) return
      client.abort()
      if (reader) await settledWithin(reader.cancel(), CANCEL_LIMIT_MS)
    },
  }
}

async function* readChunks(
  reader: ReadableStreamDefaultReader<unknown> | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  while (reader) {
    const { done, value } = await reader.read()
    if (done) return
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`a response body must be made of Uint8Array chunks, got ${typeof value}`)
    }
    yield value
  }
}

function assertResponse(answer: unknown): Response {
  // Not `instanceof`: polyfills and other realms have a `Response` of their own.
  const { status, headers } = (answer ?? {}) as Partial<Response>
  if (typeof status === 'number' && headers) return answer as Response
  throw new SseTestError(
    'ERR_SSE_TEST_TARGET',
    `a fetch handler must return a \`Response\`, got ${String(answer)}; a function with fewer than ` +
      'two parameters is taken for a fetch handler: wrap a Node request listener in `createServer()`',
  )
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort()
      reject(signal.reason)
    }
    // The handler may have run a part already, and the test may have given up in it.
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

// A body that breaks says so to its reader. A source that fails to clean up after the test gave it
// up has nobody left to tell.
function ignore(): void {}
