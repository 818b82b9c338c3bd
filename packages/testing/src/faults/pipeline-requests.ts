import { assertOptions, invalidOption } from '../client/invalid-option.ts'
import { pointAtCaller } from '../point-at-caller.ts'
import { type RawConnection, sendRaw } from './raw-connection.ts'
import { encodeRawRequest, RAW_REQUEST_OPTIONS, type RawRequestOptions } from './raw-request.ts'

/**
 * Sends several HTTP/1.1 requests in one write on one connection, without waiting for responses.
 *
 * A server runs the handlers of all of them, but may send the second response only after the first
 * has ended: behind an endless event stream, the others wait for ever.
 *
 * @param url - Where a server listens; `http:` only.
 * @param requests - At least one; each may have its own `path`. `timeoutMs` counts in the first.
 * @returns Resolves when the kernel has taken them all. `text` has all responses in a row.
 * @throws {@link SseTestError} as {@link openRawRequest}, and `ERR_SSE_TEST_OPTION` if there are
 * no requests.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2}
 *
 * @example
 * ```ts
 * import { pipelineRequests, serve } from '@sse/testing'
 *
 * const app = await serve((req, res) => void res.end(`data: ${req.url}\n\n`))
 * const connection = await pipelineRequests(app.url, [{ path: '/a' }, { path: '/b' }])
 * await connection.waitFor((text) => text.includes('data: /a') && text.includes('data: /b'))
 * await app.close()
 * ```
 *
 * @public
 */
export async function pipelineRequests(
  url: string | URL,
  requests: readonly RawRequestOptions[],
): Promise<RawConnection> {
  return pointAtCaller(pipelineRequests, () => sendAll(url, requests))
}

async function sendAll(
  url: string | URL,
  requests: readonly RawRequestOptions[],
): Promise<RawConnection> {
  const listed = Array.isArray(requests) ? requests : []
  for (const each of listed) assertOptions('`pipelineRequests()`', each, RAW_REQUEST_OPTIONS)
  const encoded = await Promise.all(listed.map((options) => encodeRawRequest(url, options)))
  const [first] = encoded
  if (!first) throw invalidOption('requests', 'a list of at least one request', requests)
  const bytes = Buffer.concat(encoded.map((request) => request.bytes))
  return sendRaw({ ...first, bytes }, { timeoutMs: requests[0]?.timeoutMs })
}
