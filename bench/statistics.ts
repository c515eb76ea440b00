// Order statistics: a mean says little about latencies, which have a long tail.

/** Ascending copy. */
export const ascending = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort()

/** The value below which a share `q` of them lies, 0 … 1; NaN of none. `sorted` is ascending. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const last = sorted.length - 1
  return sorted[Math.min(last, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** The middle, or the mean of the two in the middle; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = ascending(values)
  const half = sorted.length / 2
  if (!Number.isInteger(half)) return sorted[Math.floor(half)] ?? Number.NaN
  return ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2
}

/** Four significant digits: more is noise, and would make every diff of a result larger. */
export const rounded = (value: number): number => Number(value.toPrecision(4))
