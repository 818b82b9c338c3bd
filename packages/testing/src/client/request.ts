import { SseTestError } from '../errors.ts'
import type { OutgoingRequest } from './transports/transport.ts'

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
   * The path and query to ask for, resolved against the URL of the target: `'/jobs/7?from=2'`.
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
   * and `lastEventId` bring.
   */
  readonly headers?: RequestHeaders | undefined

  /**
   * The request body. Bytes go out verbatim, text as `text/plain`, a `URLSearchParams`, `FormData`
   * or `Blob` with its own content type, and any other value as JSON with `application/json`.
   * `undefined` and `null` are no body.
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

/** Puts a request together. `base` is the URL of the target. */
export async function createRequest(
  base: string | URL,
  options: RequestOptions,
): Promise<OutgoingRequest> {
  const encoded = await encodeBody(options.body)
  const headers = new Headers({ accept: 'text/event-stream' })
  if (encoded) {
    headers.set('content-length', String(encoded.bytes.byteLength))
    if (encoded.contentType) headers.set('content-type', encoded.contentType)
  }
  if (options.lastEventId) headers.set('last-event-id', toByteString(options.lastEventId))
  for (const [name, value] of new Headers(options.headers)) headers.set(name, value)
  return {
    url: resolveUrl(base, options.path),
    method: options.method?.toUpperCase() ?? (encoded ? 'POST' : 'GET'),
    headers,
    body: encoded?.bytes,
  }
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
  const response = new Response(asJson ? JSON.stringify(body) : (body as BodyInit))
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: asJson ? 'application/json' : response.headers.get('content-type'),
  }
}

function isPlainValue(body: unknown): boolean {
  return !(
    typeof body === 'string' ||
    ArrayBuffer.isView(body) ||
    body instanceof ArrayBuffer ||
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob
  )
}

function resolveUrl(base: string | URL, path: string | undefined): URL {
  try {
    return path === undefined ? new URL(base) : new URL(path, base)
  } catch (cause) {
    const value = path === undefined ? String(base) : path
    throw new SseTestError('ERR_SSE_TEST_OPTION', `not a URL that can be asked for: ${value}`, {
      cause,
    })
  }
}
