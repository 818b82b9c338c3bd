import { now, stopTimer } from '../clock.ts'
import { SseTestError } from '../errors.ts'
import { pointAtCaller } from '../point-at-caller.ts'
import { createConnection } from './connection.ts'
import { decodeContent } from './decode-content.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import type { EventStreamConnection } from './event-stream-connection.ts'
import { assertOptions, invalidOption, type KnownOptions } from './invalid-option.ts'
import { createRequest, REQUEST_OPTIONS, type RequestOptions, withLastEventId } from './request.ts'
import { type ConnectTarget, isGuessedListener } from './target.ts'
import type { OutgoingRequest, TransportResponse } from './transports/transport.ts'
import {
  assertTimeoutMs,
  DEFAULT_TIMEOUT_MS,
  startDeadline,
  WAIT_OPTIONS,
  type WaitOptions,
} from './waiting.ts'

// Far more than a test looks at, and little enough that an endless source cannot fill the memory.
const DEFAULT_READ_AHEAD_BYTES = 1_048_576

/**
 * Options of {@link connect}. `timeoutMs` limits the wait for the response head, and is the
 * default of every waiting method of the connection.
 *
 * @public
 */
export interface ConnectOptions extends RequestOptions, WaitOptions {
  /** Closes the connection when it is aborted; before the head, `connect` rejects with its reason. */
  readonly signal?: AbortSignal | undefined

  /**
   * Speaks HTTP/2: without TLS (h2c, with prior knowledge) to `http:` URLs, listeners and servers,
   * negotiated to `https:` URLs. Cannot be used with fetch handlers.
   *
   * @defaultValue true for servers of `node:http2`, else false
   */
  readonly http2?: boolean | undefined

  /**
   * A certificate in PEM that is trusted for `https:`, such as the self-signed one of the server.
   *
   * @defaultValue those that Node trusts, `NODE_EXTRA_CA_CERTS` included
   */
  readonly ca?: string | undefined

  /**
   * How many bytes are read beyond the last event taken while no method waits. Then the client
   * stops reading, and the server feels it; `0` reads only while a method waits, so that a fetch
   * handler is asked for nothing that the test does not want.
   *
   * @defaultValue 1 MiB
   */
  readonly readAheadBytes?: number | undefined
}

const CONNECT_OPTIONS: KnownOptions<ConnectOptions> = {
  ...REQUEST_OPTIONS,
  ...WAIT_OPTIONS,
  signal: true,
  http2: true,
  ca: true,
  readAheadBytes: true,
}

/**
 * Makes a request and reads the response as an event stream while it comes: the first event is
 * there before the source makes the second, whatever the target is.
 *
 * @param target - A URL; a fetch handler or app, such as a Hono app, which is called in this
 * process; or an Express or Koa app, request listener or Node server, which gets a port of
 * 127.0.0.1 until the response has ended or the connection is closed (a server: until it is
 * closed). {@link ConnectTarget} says how they are told apart.
 * @param options - See {@link ConnectOptions}.
 * @returns Resolves when the response head is in, whatever its status. A body with a
 * `Content-Encoding` of gzip, deflate, br or zstd is decoded as it comes (zstd where the runtime
 * can); ask for one by an `Accept-Encoding` among `headers`, since none is sent otherwise. A server
 * that is given and listens already is left running when the connection is closed.
 * @throws {@link SseTestError} `ERR_SSE_TEST_TIMEOUT` if no head came in time,
 * `ERR_SSE_TEST_NO_RESPONSE` if the connection failed, `ERR_SSE_TEST_TARGET` and
 * `ERR_SSE_TEST_OPTION` if it cannot be made. What a fetch handler throws is thrown as it is.
 *
 * @example
 * ```ts
 * import { connect } from '@sse/testing'
 *
 * const app = (_req: unknown, res: import('node:http').ServerResponse) => {
 *   res.writeHead(200, { 'content-type': 'text/event-stream' })
 *   res.end('event: token\ndata: {"content":"Hi"}\n\nevent: done\ndata:\n\n')
 * }
 *
 * const connection = await connect(app, { path: '/chat', body: { question: 'Hello?' } })
 * const events = await connection.until('done')
 * console.log(events.map(({ event }) => event)) // => [ 'token', 'done' ]
 * await connection.close()
 * ```
 *
 * @public
 */
export async function connect(
  target: ConnectTarget,
  options: ConnectOptions = {},
): Promise<EventStreamConnection> {
  return pointAtCaller(connect, () => open(target, options))
}

async function open(
  target: ConnectTarget,
  options: ConnectOptions,
): Promise<EventStreamConnection> {
  assertOptions('`connect()`', options, CONNECT_OPTIONS)
  const { signal, lastEventId = '', readAheadBytes = DEFAULT_READ_AHEAD_BYTES } = options
  const timeoutMs = assertTimeoutMs(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  assertReadAheadBytes(readAheadBytes)
  signal?.throwIfAborted()
  const endpoint = await openEndpoint(target, options)
  const startedAtMs = now()
  try {
    const request = await createRequest(endpoint.url, options)
    const label = `${request.method} ${request.url}`
    const giveUp = (): SseTestError => noHead(label, timeoutMs, target)
    return createConnection({
      label,
      response: decodeContent(await requestHead(endpoint, request, { signal, timeoutMs, giveUp })),
      startedAtMs,
      lastEventId,
      timeoutMs,
      readAheadBytes,
      signal,
      reopen: (id) => open(target, withLastEventId(options, id)),
      release: endpoint.close,
      isShared: endpoint.isShared,
    })
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

interface HeadWait {
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  readonly giveUp: () => SseTestError
}

async function requestHead(
  { transport }: Endpoint,
  request: OutgoingRequest,
  { signal, timeoutMs, giveUp }: HeadWait,
): Promise<TransportResponse> {
  const deadline = new AbortController()
  const timer = startDeadline(timeoutMs, () => deadline.abort(giveUp()))
  const abort = () => deadline.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    return await transport(request, deadline.signal)
  } finally {
    stopTimer(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function assertReadAheadBytes(bytes: number): void {
  if (typeof bytes === 'number' && bytes >= 0) return
  throw invalidOption('readAheadBytes', 'a non-negative number of bytes', bytes)
}

function noHead(label: string, timeoutMs: number, target: ConnectTarget): SseTestError {
  const guess = isGuessedListener(target)
    ? '; the target was taken for a request listener because it declares two parameters: pass `{ fetch: handler }` if it is a fetch handler'
    : ''
  return new SseTestError(
    'ERR_SSE_TEST_TIMEOUT',
    `${label}: no response head came within ${timeoutMs} ms${guess}`,
  )
}
