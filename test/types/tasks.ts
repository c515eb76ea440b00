// A task module with every shape of function that keeps its type, or loses part of it in a known way.
import { isWorker, parallel } from '../../lib/index.js'

export interface Photo {
  readonly path: string
  readonly quality: number
  readonly tags: string[]
}

function parse(text: string): string
function parse(bytes: Uint8Array): number
function parse(input: string | Uint8Array): string | number {
  return typeof input === 'string' ? input : input.length
}

export const {
  fib,
  spread,
  tally,
  firstOf,
  photo,
  measure,
  nothing,
  parsed,
  child,
  walk,
  compare,
  rows,
  isOdd,
  isEven,
  load,
} = parallel(import.meta, {
  fib(n: number): number {
    return n < 2 ? n : fib.local(n - 1) + fib.local(n - 2)
  },
  // A task that calls itself needs its return type written.
  spread(n: number): number {
    if (n < 20) return fib.local(n)
    const left = spread(n - 1)
    const right = spread(n - 2)
    return left.get() + right.get()
  },
  tally(bytes: Uint8Array): Uint32Array {
    return new Uint32Array(256).fill(bytes.length)
  },
  firstOf<T>(items: readonly T[]): T | undefined {
    return items[0]
  },
  photo(path: string, quality = 80, ...tags: string[]) {
    return { path, quality, tags }
  },
  async measure(text: string) {
    return text.length
  },
  nothing() {},
  parsed: parse,
  // Neither this nor its sibling has its return type written, and it returns a handle.
  child(n: number) {
    return photo(`${n}.jpg`)
  },
  async walk(numbers: number[]) {
    const photos = await Promise.all(numbers.map((n) => child(n)))
    return photos.map(({ quality }) => quality)
  },
  compare: (a: number, b: number) => b - a,
  rows: (start: number, end: number, out: Float64Array, factor: number): void => {
    for (let i = start; i < end; i++) out[i]! *= factor
  },
  async load(path?: string) {
    return path?.length ?? 0
  },
  isOdd(n: number): boolean {
    return n === 0 ? false : isEven.local(n - 1)
  },
  isEven(n: number): boolean {
    return n === 0 ? true : isOdd.local(n - 1)
  },
})

/** Exported functions that are no parallel functions: importTasks makes them callable all the same. */
export function plain(n: number, unit?: string): Promise<{ n: number; unit: string }> {
  return Promise.resolve({ n, unit: unit ?? 'px' })
}
export class Unused {
  n = 1
}
export const constant = 42

if (!isWorker) {
  // What only the host does.
}
