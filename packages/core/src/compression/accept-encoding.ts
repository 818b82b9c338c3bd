// https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Chooses the content coding of a response: the one that the client likes best, and of several of those the one that
 * comes first here. `undefined`: none, because the client takes none of them, prefers to get none, or said nothing.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3}
 *
 * @param header - The `Accept-Encoding` of the request. What cannot be read in it counts as refused.
 * @param offered - What the server can do, its favourite first.
 */
export function chooseEncoding<Name extends string>(
  header: string | null | undefined,
  offered: readonly Name[],
): Name | undefined {
  const weights = readWeights(header ?? '')
  const others = weights.get('*') ?? 0
  // A client that names `identity` has an opinion on it; to others it is what they get where nothing else is left.
  let best = weights.get('identity') ?? 0
  let chosen: Name | undefined
  for (const name of offered) {
    const weight = weights.get(name) ?? others
    // With the same weight, compressed is smaller.
    if (weight > best || (weight === best && weight > 0 && chosen === undefined)) {
      best = weight
      chosen = name
    }
  }
  return chosen
}

function readWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const member of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = member.split(';').map((part) => part.trim())
    // The old name (RFC 9110, section 8.4.1.3).
    const name = coding === 'x-gzip' ? 'gzip' : coding
    if (name !== '' && !weights.has(name)) weights.set(name, weightOf(parameters))
  }
  return weights
}

function weightOf(parameters: readonly string[]): number {
  const [first, ...more] = parameters
  if (first === undefined) return 1
  const [name, value = ''] = first.split('=').map((part) => part.trim())
  return name === 'q' && more.length === 0 && WEIGHT.test(value) ? Number(value) : 0
}
