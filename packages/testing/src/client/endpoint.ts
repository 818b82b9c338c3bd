import { SseTestError } from '../errors.ts'
import { addressOf, type RunningServer, startServer, toServer } from '../serve.ts'
import { type ConnectTarget, type NodeServer, resolveTarget } from './target.ts'
import { fetchTransport } from './transports/fetch.ts'
import { http1Transport } from './transports/http1.ts'
import { http2Transport } from './transports/http2.ts'
import type { Transport } from './transports/transport.ts'

// A client that went away is seen by its server within milliseconds; see `close` below.
const CLOSE_GRACE_MS = 500

/** How a target is reached. */
export interface EndpointOptions {
  readonly http2?: boolean | undefined
  readonly ca?: string | undefined
}

/** A target that can be asked: where, and by which transport. */
export interface Endpoint {
  readonly url: string | URL
  readonly transport: Transport
  /** Stops what was started for this endpoint. The client must have gone by then. */
  close(): Promise<void>
  /** Whether that is a server of the test, which may use it for more than this endpoint. */
  readonly isShared: boolean
}

/** Makes a target ready for requests: starts a server where the target needs one. */
export async function openEndpoint(
  target: ConnectTarget,
  options: EndpointOptions,
): Promise<Endpoint> {
  const resolved = resolveTarget(target)
  if (resolved.kind === 'url') return networkEndpoint(resolved.url, options)
  if (resolved.kind === 'fetch') {
    if (options.http2) throw unusableHttp2()
    const transport = fetchTransport(resolved.app)
    return { url: 'http://localhost/', transport, close: nothing, isShared: false }
  }
  const isGiven = resolved.kind === 'server'
  const server = isGiven ? resolved.server : toServer(resolved.listener, options.http2 ?? false)
  const http2 = options.http2 ?? (isGiven && speaksHttp2(server))
  if (server.listening) return networkEndpoint(addressOf(server), { ...options, http2 })
  const running = await startServer(server)
  // Forgetting to close a connection must not keep the process alive.
  server.unref()
  const endpoint = networkEndpoint(running.url, { ...options, http2 }, running)
  return { ...endpoint, isShared: isGiven }
}

function networkEndpoint(
  url: string | URL,
  { http2, ca }: EndpointOptions,
  running?: RunningServer,
): Endpoint {
  return {
    url,
    transport: explainFailure(http2 ? http2Transport(ca) : http1Transport(ca)),
    // The server is left to notice by itself that the client has gone, as it would in production.
    close: () => running?.close(CLOSE_GRACE_MS) ?? nothing(),
    isShared: false,
  }
}

function explainFailure(transport: Transport): Transport {
  return async (request, signal) => {
    try {
      return await transport(request, signal)
    } catch (cause) {
      if (signal.aborted) throw cause
      const problem = cause instanceof Error ? cause.message : String(cause)
      throw new SseTestError(
        'ERR_SSE_TEST_NO_RESPONSE',
        `${request.method} ${request.url} got no response: ${problem}`,
        { cause },
      )
    }
  }
}

function speaksHttp2(server: NodeServer): boolean {
  return 'updateSettings' in server
}

function unusableHttp2(): SseTestError {
  return new SseTestError(
    'ERR_SSE_TEST_OPTION',
    '`http2` needs a URL, a Node server or a request listener: a fetch handler has no protocol',
  )
}

async function nothing(): Promise<void> {}
