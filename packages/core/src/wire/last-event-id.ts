// Ids that the encoder writes are at most this long; a longer one was never ours.
const MAX_BYTES = 1024

/**
 * Reads the last event ID of a request: the `Last-Event-ID` header or else, for clients that cannot
 * set headers on a first connection, the `lastEventId` query parameter.
 *
 * Browsers send the header as UTF-8 and servers hand it over as latin1 text, so it is decoded
 * again; bytes that are no UTF-8 stay latin1. The result is untrusted input.
 *
 * @returns The id, or `undefined` if there is none, it is empty, contains control characters that
 * no id can contain, or is longer than 1024 bytes.
 */
export function readLastEventId(
  header: string | null | undefined,
  url: string,
): string | undefined {
  const id = header ? decodeUtf8(header) : readQuery(url)
  if (!id || /[\0\r\n]/.test(id)) return undefined
  return new TextEncoder().encode(id).byteLength > MAX_BYTES ? undefined : id
}

function decodeUtf8(header: string): string {
  // Longer headers are refused anyway; more than latin1 was never a header's raw text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what latin1 is
  if (header.length > MAX_BYTES || !/^[\x00-\xff]*$/.test(header)) return header
  const bytes = Uint8Array.from(header, (character) => character.charCodeAt(0))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Not UTF-8: a client that sends latin1 means what it says.
    return header
  }
}

function readQuery(url: string): string | undefined {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('lastEventId=', start)) return undefined
  return new URLSearchParams(url.slice(start + 1).split('#', 1)[0]).get('lastEventId') ?? undefined
}
