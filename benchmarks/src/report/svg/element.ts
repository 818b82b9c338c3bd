type Attributes = Readonly<Record<string, string | number | undefined>>

/**
 * An SVG element as text. Children are text that was made by this function, or by {@link escapeText}.
 *
 * @throws Error for a number that is none: it would be drawn as nothing, and not be missed.
 */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attributeOf(key, value)}"`)
    .join('')
  return children.length === 0
    ? `<${name}${list}/>`
    : `<${name}${list}>${children.join('')}</${name}>`
}

/** Text as a child. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** The points of a line, as a path. */
export function pathOf(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
}

function attributeOf(key: string, value: string | number | undefined): string {
  if (typeof value !== 'number') return escapeText(value ?? '')
  if (!Number.isFinite(value)) throw new Error(`${key} is ${value}`)
  return String(round(value))
}

function round(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`A coordinate is ${value}`)
  return Math.round(value * 100) / 100
}
