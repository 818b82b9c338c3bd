// What similar options are called elsewhere.
const ELSEWHERE: Readonly<Record<string, string>> = {
  onclose: 'onEnd',
  ondisconnect: 'onEnd',
  onfinish: 'onEnd',
  onabort: 'onEnd',
  onconnect: 'onOpen',
  pinginterval: 'heartbeatMs',
  keepalive: 'heartbeatMs',
}

// Fewer characters than this are in common by chance, unless they are all of the name.
const LEAST_IN_COMMON = 5

/**
 * Says which option is meant by a name that none has.
 *
 * @returns The end of a sentence, or `''`.
 */
export function suggestOption(name: string, known: readonly string[]): string {
  const given = name.toLowerCase()
  if (given === 'headers' && known.includes('onOpen')) {
    return ': set headers with the framework, before the first yield'
  }
  const meant = ELSEWHERE[given]
  const found = meant !== undefined && known.includes(meant) ? meant : closest(given, known)
  return found === undefined ? '' : `: perhaps \`${found}\` is meant`
}

function closest(given: string, known: readonly string[]): string | undefined {
  let found: string | undefined
  let most = Math.max(Math.min(given.length, LEAST_IN_COMMON), 3, given.length / 2) - 1
  for (const name of known) {
    const common = countInCommon(given, name.toLowerCase())
    if (common <= most) continue
    found = name
    most = common
  }
  return found
}

/** How many characters two names have in common at their beginnings and ends. */
function countInCommon(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  let head = 0
  while (head < shorter && one[head] === other[head]) head += 1
  let tail = 0
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1
  return head + tail
}
