// Figures as tables write them.
import type { Unit } from '../question.js'

/** Three significant digits, thousands separated. @example figure(0.11372) // '0.114' */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 100) return Math.round(value).toLocaleString('en')
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : Math.min(4, 2 - Math.floor(Math.log10(size)))
  const text = value.toFixed(digits)
  return Number(text) === 0 ? '0' : text
}

/** @example withUnit(1.1, 'µs') // '1.10 µs' */
export function withUnit(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '–'
  return unit === '×' || unit === '/s' ? `${figure(value)}${unit}` : `${figure(value)} ${unit}`
}

/** Least to most. @example spread([3, 1, 2]) // '1.00–3.00' */
export function spread(values: readonly number[]): string {
  return values.length === 0 ? '–' : `${figure(Math.min(...values))}–${figure(Math.max(...values))}`
}

/** @example times(24.7) // '25×' */
export const times = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  return `${value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 2 ? 1 : 2)}×`
}
