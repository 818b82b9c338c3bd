import { formatNumber } from '../format.ts'
import type { Spread } from '../result.ts'
import { element } from './element.ts'
import { MARGIN, page, TOP, text, ticksUpTo, WIDTH } from './page.ts'

export type BarKind = 'ours' | 'peer' | 'base'

export interface Panel {
  readonly title: string
  /** What the axis shows, with its unit. */
  readonly axis: string
  /** By the name of the bar. */
  readonly values: ReadonlyMap<string, Spread>
  readonly format?: (value: number) => string
}

export interface BarChart {
  readonly title: string
  readonly subtitle: string
  /** From top to bottom. */
  readonly names: readonly { readonly name: string; readonly kind: BarKind }[]
  readonly panels: readonly Panel[]
}

const ROW = 25
const BAR = 15
const NAMES_WIDTH = 142
const BETWEEN = 30
const LABEL_WIDTH = 46
const PANEL_TITLE = 24
const AXIS_HEIGHT = 52
// One bar that is longer than this many times the next would leave nothing to see of the others.
const MOST_TIMES_LONGER = 2.5

/** Horizontal bars: one name for each row, one panel beside the other, with the median, and least and most as a line. */
export function barChart({ title, subtitle, names, panels }: BarChart): string {
  const top = TOP + (panels.some((panel) => panel.title !== '') ? PANEL_TITLE : 0)
  const height = top + names.length * ROW + AXIS_HEIGHT
  const room = WIDTH - 2 * MARGIN - NAMES_WIDTH - (panels.length - 1) * BETWEEN
  const width = room / panels.length
  const labels = names.map(({ name, kind }, row) =>
    text(MARGIN + NAMES_WIDTH - 12, middleOf(top, row) + 4, name, {
      'text-anchor': 'end',
      ...(kind === 'ours' ? { class: 'name-ours' } : {}),
    }),
  )
  const drawn = panels.map((panel, index) => {
    const left = MARGIN + NAMES_WIDTH + index * (width + BETWEEN)
    return panelOf(panel, names, { left, top, width, height })
  })
  return page(height, title, subtitle, ...labels, ...drawn)
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function panelOf(
  panel: Panel,
  names: BarChart['names'],
  { left, top, width, height }: Box,
): string {
  const bottom = height - AXIS_HEIGHT
  const most = longestOf(panel)
  const ticks = ticksUpTo(most, width < 250 ? 3 : 6)
  const end = ticks.at(-1) as number
  const scale = (value: number): number =>
    left + (Math.min(value, end) / end) * (width - LABEL_WIDTH)
  const grid = ticks.map((tick) =>
    element('line', {
      x1: scale(tick),
      x2: scale(tick),
      y1: top - 4,
      y2: bottom,
      class: tick === 0 ? 'axis' : 'grid',
    }),
  )
  const numbers = ticks.map((tick) =>
    text(scale(tick), bottom + 16, show(panel, tick), { 'text-anchor': 'middle', class: 'soft' }),
  )
  const bars = names.map(({ name, kind }, row) => {
    const spread = panel.values.get(name)
    const y = middleOf(top, row)
    if (spread === undefined || !Number.isFinite(spread.median)) {
      return text(left + 6, y + 4, 'not measured', { class: 'soft' })
    }
    return bar(panel, spread, kind, { y, left, end, scale })
  })
  const axis = text(left, bottom + 36, panel.axis, { class: 'soft' })
  return [
    text(left, TOP + 8, panel.title, { class: 'panel' }),
    ...grid,
    ...bars,
    ...numbers,
    axis,
  ].join('')
}

interface Place {
  readonly y: number
  readonly left: number
  readonly end: number
  scale(value: number): number
}

function bar(panel: Panel, spread: Spread, kind: BarKind, { y, left, end, scale }: Place): string {
  const { median, least, most } = spread
  const isCut = median > end
  const right = scale(Math.max(0, median))
  const parts = [
    element('rect', {
      x: left,
      y: y - BAR / 2,
      width: right - left,
      height: BAR,
      rx: 2,
      class: kind,
    }),
  ]
  let labelAt = right
  if (isCut) {
    const x = right - 14
    parts.push(
      element('line', {
        x1: x - 4,
        x2: x + 4,
        y1: y + BAR / 2 + 1,
        y2: y - BAR / 2 - 1,
        class: 'gap',
      }),
    )
  } else if (Number.isFinite(least) && Number.isFinite(most) && most > least) {
    const [from, to] = [scale(Math.max(0, least)), scale(most)]
    parts.push(element('line', { x1: from, x2: to, y1: y, y2: y, class: 'whisker' }))
    labelAt = Math.max(right, to)
  }
  parts.push(
    text(labelAt + 6, y + 4, show(panel, median), kind === 'ours' ? { class: 'name-ours' } : {}),
  )
  return parts.join('')
}

function show({ format = formatNumber }: Panel, value: number): string {
  return format(value)
}

function middleOf(top: number, row: number): number {
  return top + row * ROW + ROW / 2
}

/** How far the axis reaches. */
function longestOf({ values }: Panel): number {
  const medians = [...values.values()]
    .map(({ median }) => median)
    .filter((median) => Number.isFinite(median))
    .sort((a, b) => b - a)
  const [longest = 1, next = longest] = medians
  return longest > next * MOST_TIMES_LONGER && next > 0 ? next * 1.2 : longest
}
