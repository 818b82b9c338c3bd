import { formatNumber } from '../format.ts'
import type { BarKind } from './bars.ts'
import { element, pathOf } from './element.ts'
import { MARGIN, page, TOP, text, ticksUpTo, WIDTH } from './page.ts'

type Point = readonly [number, number]

export interface Series {
  readonly name: string
  readonly kind: BarKind
  readonly points: readonly Point[]
}

export interface LineChart {
  readonly title: string
  readonly subtitle: string
  /** Places of the points' first figures on the axis, from 0 to 1. */
  readonly x: {
    readonly axis: string
    readonly ticks: readonly { readonly at: number; readonly label: string }[]
    place(value: number): number
  }
  readonly y: { readonly axis: string; readonly isLogarithmic: boolean }
  readonly series: readonly Series[]
}

const HEIGHT = 470
const LEFT = MARGIN + 48
const NAMES_WIDTH = 190
const RIGHT = WIDTH - MARGIN - NAMES_WIDTH
const BOTTOM = HEIGHT - 62
const PLOT_TOP = TOP + 16
const NAME_HEIGHT = 16
const PEER_COLOURS = 8

/** Lines with their names at their ends. */
export function lineChart({ title, subtitle, x, y, series }: LineChart): string {
  const drawn = series.filter(({ points }) => points.length > 0)
  const values = drawn.flatMap(({ points }) => points.map(([, value]) => value))
  const scale = y.isLogarithmic ? logScale(values) : linearScale(values)
  const across = (value: number): number => LEFT + x.place(value) * (RIGHT - LEFT)
  const rows = scale.ticks.map((tick) =>
    [
      element('line', {
        x1: LEFT,
        x2: RIGHT,
        y1: scale.at(tick),
        y2: scale.at(tick),
        class: 'grid',
      }),
      text(LEFT - 8, scale.at(tick) + 4, formatNumber(tick), {
        'text-anchor': 'end',
        class: 'soft',
      }),
    ].join(''),
  )
  const columns = x.ticks.map(({ at, label }) =>
    [
      element('line', {
        x1: across(at),
        x2: across(at),
        y1: BOTTOM,
        y2: BOTTOM + 5,
        class: 'axis',
      }),
      text(across(at), BOTTOM + 20, label, { 'text-anchor': 'middle', class: 'soft' }),
    ].join(''),
  )
  const axes = [
    element('line', { x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM, class: 'axis' }),
    text(MARGIN, PLOT_TOP - 12, y.axis, { class: 'soft' }),
    text((LEFT + RIGHT) / 2, BOTTOM + 42, x.axis, { 'text-anchor': 'middle', class: 'soft' }),
  ]
  // Ours last, and so on top.
  const ordered = [...drawn].sort((a, b) => Number(a.kind === 'ours') - Number(b.kind === 'ours'))
  const colours = coloursOf(ordered)
  const lines = ordered.map(({ name, kind, points }) =>
    element('path', {
      d: pathOf(points.map(([at, value]) => [across(at), scale.at(value)])),
      class: 'line',
      style: `stroke: ${colours.get(name)}`,
      'stroke-dasharray': kind === 'base' ? '6 5' : undefined,
    }),
  )
  const dots = ordered.flatMap(({ name, points }) =>
    points.length > MOST_DOTS
      ? []
      : points.map(([at, value]) =>
          element('circle', {
            cx: across(at),
            cy: scale.at(value),
            r: 3.2,
            style: `fill: ${colours.get(name)}`,
          }),
        ),
  )
  const ends = ordered.map(({ name, kind, points }) => {
    const [at, value] = points.at(-1) as Point
    return { name, kind, x: across(at), y: scale.at(value), label: labelOf(name, value) }
  })
  return page(
    HEIGHT,
    title,
    subtitle,
    ...rows,
    ...columns,
    ...axes,
    ...lines,
    ...dots,
    ...namesOf(ends, colours),
  )
}

const MOST_DOTS = 6

interface End {
  readonly name: string
  readonly kind: BarKind
  readonly x: number
  readonly y: number
  readonly label: string
}

function labelOf(name: string, value: number): string {
  return `${name} ${formatNumber(value)}`
}

/** Names beside the ends, pushed apart where they would lie on each other. */
function namesOf(ends: readonly End[], colours: ReadonlyMap<string, string>): string[] {
  const sorted = [...ends].sort((a, b) => a.y - b.y)
  const places = spreadOut(sorted.map(({ y }) => y))
  return sorted.map(({ name, kind, x, y, label }, index) => {
    const place = places[index] as number
    const weight = kind === 'ours' ? '; font-weight: 600' : ''
    const style = `fill: ${colours.get(name)}${weight}`
    const lead: Point[] = [
      [x + 5, y],
      [RIGHT + 12, place],
      [RIGHT + 18, place],
    ]
    return [
      element('path', {
        d: pathOf(lead),
        class: 'line',
        style: `stroke: ${colours.get(name)}; stroke-width: 1; opacity: 0.5`,
      }),
      text(RIGHT + 23, place + 4, label, { style }),
    ].join('')
  })
}

/** Moves what lies on each other apart, around the middle of where it was. */
function spreadOut(wanted: readonly number[]): number[] {
  let clusters: number[][] = []
  const topOf = (cluster: readonly number[]): number => {
    const middle = cluster.reduce((sum, y) => sum + y, 0) / cluster.length
    const top = middle - ((cluster.length - 1) * NAME_HEIGHT) / 2
    return Math.min(top, BOTTOM - (cluster.length - 1) * NAME_HEIGHT)
  }
  for (const y of wanted) {
    clusters.push([y])
    for (;;) {
      const [above, below] = clusters.slice(-2)
      if (above === undefined || below === undefined) break
      if (topOf(above) + above.length * NAME_HEIGHT <= topOf(below)) break
      clusters = [...clusters.slice(0, -2), [...above, ...below]]
    }
  }
  return clusters.flatMap((cluster) =>
    cluster.map((_, index) => topOf(cluster) + index * NAME_HEIGHT),
  )
}

function coloursOf(series: readonly Series[]): Map<string, string> {
  let peers = 0
  return new Map(
    series.map(({ name, kind }) => {
      if (kind !== 'peer') return [name, `var(--${kind})`]
      peers += 1
      return [name, `var(--s${(peers - 1) % PEER_COLOURS})`]
    }),
  )
}

interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

function linearScale(values: readonly number[]): Scale {
  const ticks = ticksUpTo(Math.max(...values), 6)
  const end = ticks.at(-1) as number
  return { ticks, at: (value) => BOTTOM - (value / end) * (BOTTOM - PLOT_TOP) }
}

function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0)
  const [from, to] = [Math.log10(Math.min(...positive)), Math.log10(Math.max(...positive))]
  const all = Array.from({ length: 12 }, (_, index) => 10 ** (Math.floor(from) + index))
  const ticks = all.flatMap((power) => [power, 2 * power, 5 * power])
  const first = ticks.filter((tick) => Math.log10(tick) <= from + 1e-9).length - 1
  const last = ticks.findIndex((tick) => Math.log10(tick) >= to - 1e-9)
  const shown = ticks.slice(first, Math.max(last, first + 1) + 1)
  const [low, high] = [Math.log10(shown[0] as number), Math.log10(shown.at(-1) as number)]
  const share = (value: number): number =>
    (Math.log10(Math.max(value, shown[0] as number)) - low) / (high - low)
  return { ticks: shown, at: (value) => BOTTOM - share(value) * (BOTTOM - PLOT_TOP) }
}
