import { createRequest, type RequestOptions, toByteString } from '../client/request.ts'
import { SseTestError } from '../errors.ts'

/**
 * Options of the raw requests that the fault tools send. In contrast to {@link connect}, `headers`
 * are written as they are given, in UTF-8: repeated, forbidden and malformed ones included.
 *
 * @public
 */
export interface RawRequestOptions extends RequestOptions {
  /**
   * The version in the request line. An HTTP/1.0 client knows no chunked coding: the response ends
   * where the connection does.
   *
   * @defaultValue `'1.1'`
   */
  readonly httpVersion?: '1.0' | '1.1' | undefined
}

/** A request as bytes, and where it goes. */
export interface EncodedRequest {
  readonly hostname: string
  readonly port: number
  readonly bytes: Uint8Array
}

/** Writes a request out as HTTP/1 puts it on the wire. */
export async function encodeRawRequest(
  base: string | URL,
  options: RawRequestOptions,
): Promise<EncodedRequest> {
  const { headers: given, httpVersion = '1.1', ...rest } = options
  const { url, method, headers, body } = await createRequest(base, rest)
  assertPlain(url)
  const verbatim = toPairs(given)
  headers.set('host', url.host)
  for (const [name] of verbatim) deleteIfValid(headers, name)
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/${httpVersion}`,
    ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
    ...verbatim.map(([name, value]) => toByteString(`${name}: ${value}`)),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 80),
    bytes: Buffer.concat([head, body ?? new Uint8Array()]),
  }
}

/** Fault tools work below TLS. */
export function assertPlain(url: URL): void {
  if (url.protocol === 'http:') return
  throw new SseTestError('ERR_SSE_TEST_OPTION', `fault tools need an http: URL, got ${url.href}`)
}

function toPairs(headers: RawRequestOptions['headers']): [string, string][] {
  if (headers === undefined) return []
  if (Array.isArray(headers)) return headers
  return headers instanceof Headers ? [...headers] : Object.entries(headers)
}

// A name that is no token cannot be among those made here, and `Headers` would throw.
function deleteIfValid(headers: Headers, name: string): void {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name)
}
