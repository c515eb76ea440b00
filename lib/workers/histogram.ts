/**
 * Durations in buckets of constant relative width: 8 per power of two from 1 ns up, so a percentile is off by less than
 * 9 %. Recording costs a few ns and never allocates (the layout of HdrHistogram with a fixed precision).
 */
const SUB_BITS = 3
const SUB = 1 << SUB_BITS
/** Up to 2^52 ns, about 52 days. */
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

  record(ms: number): void {
    const duration = ms > 0 ? ms : 0
    this.#count++
    this.#sum += duration
    if (duration > this.#max) this.#max = duration
    const index = bucketOf(duration * 1e6)
    this.#counts[index] = (this.#counts[index] as number) + 1
  }

  /** In milliseconds; zeros when nothing was recorded. */
  summary(): HistogramSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.#quantile(0.5),
      p90: this.#quantile(0.9),
      p99: this.#quantile(0.99),
      p999: this.#quantile(0.999),
      max: this.#max,
    }
  }

  #quantile(q: number): number {
    let left = Math.ceil(q * this.#count)
    if (left === 0) return 0
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i] as number
      if (left <= 0) return Math.min(this.#max, upperBound(i) / 1e6)
    }
    return this.#max
  }
}

function bucketOf(ns: number): number {
  if (ns < SUB) return ns | 0
  if (ns < 0x7fffffff) {
    const value = ns | 0
    const shift = 31 - Math.clz32(value) - SUB_BITS
    return (shift + 1) * SUB + ((value >> shift) & (SUB - 1))
  }
  const exponent = Math.floor(Math.log2(ns))
  const sub = Math.floor((ns / 2 ** exponent - 1) * SUB)
  return Math.min(BUCKETS - 1, (exponent - SUB_BITS + 1) * SUB + sub)
}

function upperBound(index: number): number {
  if (index < SUB) return index + 1
  const shift = Math.floor(index / SUB) - 1
  return (SUB + (index % SUB) + 1) * 2 ** shift
}
