import { SseTestError } from '../errors.ts'
import { invalidOption, type KnownOptions, refusedOption } from './invalid-option.ts'
import type { OutgoingRequest } from './transports/transport.ts'

const BODY_RULE = 'text, bytes, a form or a value that JSON can hold'

/**
 * Request headers: an object, a `Headers`, or pairs of name and value.
 *
 * @public
 */
export type RequestHeaders = Headers | Record<string, string> | [string, string][]

/**
 * What the request of a test says. The same for all kinds of target, and for the raw requests of
 * the fault tools.
 *
 * @public
 */
export interface RequestOptions {
  /**
   * The path and query to ask for, resolved against the URL of the target: `'/jobs/7?from=2'`. It
   * cannot lead to another host.
   *
   * @defaultValue the URL itself, or `/` for handlers, listeners and servers
   */
  readonly path?: string | undefined

  /**
   * The request method.
   *
   * @defaultValue `'POST'` if there is a `body`, else `'GET'`
   */
  readonly method?: string | undefined

  /**
   * Request headers. They win over those made here: `Accept: text/event-stream`, and what `body`
   * and `lastEventId` bring. A `Last-Event-ID` among them is replaced by `reconnect()`.
   */
  readonly headers?: RequestHeaders | undefined

  /**
   * The request body. Bytes go out verbatim, text as `text/plain`, a `URLSearchParams`, `FormData`
   * or `Blob` with its own content type, a `ReadableStream` of bytes once it has ended, and any
   * other value as JSON with `application/json`. `undefined` and `null` are no body.
   */
  readonly body?: unknown

  /**
   * Sends a `Last-Event-ID` header, as a browser that comes back would: the bytes of the id in
   * UTF-8. `''` sends none, as the specification says.
   *
   * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header}
   */
  readonly lastEventId?: string | undefined
}

/** The names of these options. */
export const REQUEST_OPTIONS: KnownOptions<RequestOptions> = {
  path: true,
  method: true,
  headers: true,
  body: true,
  lastEventId: true,
}

/** Puts a request together. `base` is the URL of the target. */
export async function createRequest(
  base: string | URL,
  options: RequestOptions,
): Promise<OutgoingRequest> {
  const encoded = await encodeBody(options.body)
  return {
    url: resolveUrl(base, options.path),
    method: assertMethod(options.method ?? (encoded ? 'POST' : 'GET')),
    headers: createHeaders(options, encoded),
    body: encoded?.bytes,
  }
}

/** The same request for a client that comes back; `''` means that it has learnt no id. */
export function withLastEventId<T extends RequestOptions>(options: T, id: string): T {
  if (id === '') return options
  const headers = new Headers(options.headers)
  headers.delete('last-event-id')
  return { ...options, headers, lastEventId: id }
}

function createHeaders(options: RequestOptions, body: EncodedBody | undefined): Headers {
  const headers = new Headers({ accept: 'text/event-stream' })
  if (body) {
    headers.set('content-length', String(body.bytes.byteLength))
    if (body.contentType) headers.set('content-type', body.contentType)
  }
  try {
    if (options.lastEventId) headers.set('last-event-id', toByteString(options.lastEventId))
  } catch (cause) {
    throw refusedOption('lastEventId', 'a string without line ends and NUL', cause)
  }
  try {
    for (const [name, value] of new Headers(options.headers)) headers.set(name, value)
  } catch (cause) {
    throw refusedOption('headers', 'names and values that HTTP allows', cause)
  }
  return headers
}

/** Whether HTTP allows this as a method or the name of a header. */
export function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text)
}

/** Text whose characters are the bytes of `text` in UTF-8: what header values are made of. */
export function toByteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

interface EncodedBody {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string | null
}

async function encodeBody(body: unknown): Promise<EncodedBody | undefined> {
  if (body === undefined || body === null) return undefined
  const asJson = isPlainValue(body)
  const response = new Response(asJson ? toJson(body) : (body as BodyInit))
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: asJson ? 'application/json' : response.headers.get('content-type'),
  }
}

function toJson(body: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(body)
  } catch (cause) {
    throw refusedOption('body', BODY_RULE, cause)
  }
  if (json !== undefined) return json
  throw invalidOption('body', BODY_RULE, body)
}

function isPlainValue(body: unknown): boolean {
  return !(
    typeof body === 'string' ||
    ArrayBuffer.isView(body) ||
    body instanceof ArrayBuffer ||
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob ||
    body instanceof ReadableStream
  )
}

function assertMethod(method: string): string {
  if (isToken(method)) return method.toUpperCase()
  throw invalidOption('method', 'an HTTP method', method)
}

function resolveUrl(base: string | URL, path: string | undefined): URL {
  const target = toUrl(base)
  if (path === undefined) return target
  const url = URL.canParse(path, target.href) ? new URL(path, target) : undefined
  if (url?.origin === target.origin) return url
  throw invalidOption('path', `a path on ${target.origin}`, path)
}

/** Checks where to connect to. */
export function toUrl(base: string | URL): URL {
  if (typeof base !== 'string' && !(base instanceof URL)) {
    throw new SseTestError(
      'ERR_SSE_TEST_TARGET',
      `the URL of a server is needed, got a value of type ${typeof base}; to test an app, \`serve(app)\` ` +
        'first, and give the `url` of what it resolves to',
    )
  }
  const url = URL.canParse(String(base)) ? new URL(base) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new SseTestError(
    'ERR_SSE_TEST_TARGET',
    `the URL must be absolute, with http: or https:, got '${String(base)}'; to test an app, give ` +
      'the app, and its route as `path`',
  )
}
