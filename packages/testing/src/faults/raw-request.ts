import { invalidOption, type KnownOptions } from '../client/invalid-option.ts'
import {
  createRequest,
  isToken,
  REQUEST_OPTIONS,
  type RequestOptions,
  toByteString,
} from '../client/request.ts'
import { WAIT_OPTIONS, type WaitOptions } from '../client/waiting.ts'

/**
 * Options of the raw requests that the fault tools send. In contrast to {@link connect}, `headers`
 * are written as they are given, in UTF-8: repeated, forbidden and malformed ones included.
 *
 * `timeoutMs` limits the wait until the kernel has taken the request, and is the default of every
 * waiting method of the connection.
 *
 * @public
 */
export interface RawRequestOptions extends RequestOptions, WaitOptions {
  /**
   * The version in the request line. An HTTP/1.0 client knows no chunked coding: the response ends
   * where the connection does.
   *
   * @defaultValue `'1.1'`
   */
  readonly httpVersion?: '1.0' | '1.1' | undefined
}

/** The names of these options. */
export const RAW_REQUEST_OPTIONS: KnownOptions<RawRequestOptions> = {
  ...REQUEST_OPTIONS,
  ...WAIT_OPTIONS,
  httpVersion: true,
}

/** Where a server listens. */
export interface Address {
  readonly hostname: string
  readonly port: number
}

/** A request as bytes, and where it goes. */
export interface EncodedRequest extends Address {
  readonly bytes: Uint8Array
}

/** Writes a request out as HTTP/1 puts it on the wire. */
export async function encodeRawRequest(
  base: string | URL,
  options: RawRequestOptions,
): Promise<EncodedRequest> {
  const { headers: given, httpVersion = '1.1', ...rest } = options
  if (httpVersion !== '1.0' && httpVersion !== '1.1') {
    throw invalidOption('httpVersion', "'1.0' or '1.1'", httpVersion)
  }
  const { url, method, headers, body } = await createRequest(base, rest)
  const verbatim = toPairs(given)
  headers.set('host', url.host)
  for (const [name] of verbatim) deleteIfValid(headers, name)
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/${httpVersion}`,
    ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
    ...verbatim.map(([name, value]) => toByteString(`${name}: ${value}`)),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return { ...toAddress(url), bytes: Buffer.concat([head, body ?? new Uint8Array()]) }
}

/** Where the server of a plain URL listens. */
export function toAddress(url: URL): Address {
  if (url.protocol !== 'http:') {
    throw invalidOption('url', 'an http: URL, since fault tools work below TLS', url.href)
  }
  return { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) }
}

function toPairs(headers: RawRequestOptions['headers']): [string, string][] {
  if (headers === undefined) return []
  if (Array.isArray(headers)) return headers
  return headers instanceof Headers ? [...headers] : Object.entries(headers)
}

// A name that is no token cannot be among those made here, and `Headers` would throw.
function deleteIfValid(headers: Headers, name: string): void {
  if (isToken(name)) headers.delete(name)
}
