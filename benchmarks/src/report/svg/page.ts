import { element, escapeText } from './element.ts'

// Both colour schemes in one file. The background is part of it, since whoever shows the picture may follow another
// scheme than the reader's system does.
const STYLE = `
svg { --page: #ffffff; --text: #1e293b; --soft: #64748b; --grid: #e2e8f0; --ours: #2563eb; --peer: #a8b3c4; --base: #475569;
  --s0: #d97706; --s1: #7c3aed; --s2: #db2777; --s3: #059669; --s4: #0891b2; --s5: #dc2626; --s6: #65a30d; --s7: #92400e }
@media (prefers-color-scheme: dark) { svg { --page: #0f172a; --text: #e2e8f0; --soft: #94a3b8; --grid: #253349; --ours: #60a5fa;
  --peer: #56657d; --base: #cbd5e1; --s0: #fbbf24; --s1: #a78bfa; --s2: #f472b6; --s3: #34d399; --s4: #22d3ee; --s5: #f87171; --s6: #a3e635; --s7: #d6a577 } }
text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--text) }
.title { font-size: 17px; font-weight: 600 } .soft { fill: var(--soft) } .panel { font-size: 13px; font-weight: 600 }
.name-ours { fill: var(--ours); font-weight: 600 } .grid { stroke: var(--grid); stroke-width: 1 } .axis { stroke: var(--soft); stroke-width: 1 }
.ours { fill: var(--ours) } .peer { fill: var(--peer) } .base { fill: var(--base) } .whisker { stroke: var(--text); stroke-width: 1; opacity: 0.55 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round } .gap { stroke: var(--page); stroke-width: 3 }`

export const WIDTH = 960
export const MARGIN = 24
/** Below title and subtitle. */
export const TOP = 76

/** A picture with a title, a line below it, and a description for those who cannot see it. */
export function page(height: number, title: string, subtitle: string, ...body: string[]): string {
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: 'img',
      'aria-label': `${title}. ${subtitle}`,
    },
    element('title', {}, escapeText(title)),
    element('style', {}, escapeText(STYLE).replaceAll('&quot;', '"')),
    element('rect', { width: WIDTH, height, rx: 10, style: 'fill: var(--page)' }),
    text(MARGIN, 34, title, { class: 'title' }),
    text(MARGIN, 54, subtitle, { class: 'soft' }),
    ...body,
  )}\n`
}

export function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, ...attributes }, escapeText(content))
}

/** Round values from 0 to a little more than the most, about as many as wanted. */
export function ticksUpTo(most: number, wanted: number): number[] {
  if (!(most > 0)) return [0, 1]
  const rough = most / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const size = step ?? rough
  return Array.from({ length: Math.ceil(most / size - 1e-9) + 1 }, (_, index) =>
    Number((index * size).toPrecision(12)),
  )
}
