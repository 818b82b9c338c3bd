import type { Spread } from './result.ts'

/** A number as people write it: three digits that count, and groups of thousands. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString('en')
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return trimZeros(value.toFixed(1))
  if (size === 0 || size >= 0.1) return trimZeros(value.toFixed(2))
  return String(Number(value.toPrecision(2)))
}

/** A median with what it lay between. */
export function formatSpread(spread: Spread | undefined): string {
  if (spread === undefined || !Number.isFinite(spread.median)) return '–'
  const { median, least, most } = spread
  if (least === most) return formatNumber(median)
  return `${formatNumber(median)} (${formatNumber(least)}–${formatNumber(most)})`
}

export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–'
}

function trimZeros(text: string): string {
  return text.replace(/\.0+$/, '')
}
