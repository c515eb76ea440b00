/**
 * Durations in buckets of constant relative width: 8 per power of two from 10 ns up, so a percentile is off by less than
 * 13 %. Recording costs a few ns and never allocates (the layout of HdrHistogram with a fixed precision).
 */
import { TICKS_PER_MS } from './calls.js'

const SUB_BITS = 3
const SUB = 1 << SUB_BITS
/** Up to 2^52 ticks, more than a year. */
const BUCKETS = 50 * SUB

export interface HistogramSummary {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  /** `ticks` is an integer, 0 or more. */
  record(ticks: number): void {
    this.#count++
    this.#sum += ticks
    if (ticks > this.#max) this.#max = ticks
    const index = bucketOf(ticks)
    this.#counts[index] = (this.#counts[index] as number) + 1
  }

  /** In milliseconds; zeros when nothing was recorded. */
  summary(): HistogramSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count / TICKS_PER_MS,
      p50: this.#quantile(0.5),
      p90: this.#quantile(0.9),
      p99: this.#quantile(0.99),
      p999: this.#quantile(0.999),
      max: this.#max / TICKS_PER_MS,
    }
  }

  #quantile(q: number): number {
    let left = Math.ceil(q * this.#count)
    if (left === 0) return 0
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i] as number
      if (left <= 0) return Math.min(this.#max, upperBound(i)) / TICKS_PER_MS
    }
    return this.#max / TICKS_PER_MS
  }
}

function bucketOf(ticks: number): number {
  if (ticks < SUB) return ticks
  if (ticks < 0x7fffffff) {
    const shift = 31 - Math.clz32(ticks) - SUB_BITS
    return (shift + 1) * SUB + ((ticks >> shift) & (SUB - 1))
  }
  const exponent = Math.floor(Math.log2(ticks))
  const sub = Math.floor((ticks / 2 ** exponent - 1) * SUB)
  return Math.min(BUCKETS - 1, (exponent - SUB_BITS + 1) * SUB + sub)
}

function upperBound(index: number): number {
  if (index < SUB) return index
  const shift = Math.floor(index / SUB) - 1
  return (SUB + (index % SUB) + 1) * 2 ** shift
}
