// Breaks every rule that `test/scheduler/steps.test.ts` checks, once. Nothing runs this.
import { load } from '#atomics'

const words = new Int32Array(new SharedArrayBuffer(8))

class Broken {
  constructor() {
    this.count()
  }
  get value(): number {
    return load(words, 0)
  }
  get length(): number {
    return this.count()
  }
  count(): number {
    return load(words, 1)
  }
  sound(): number {
    return Math.max(...[1, 2].map((by) => by + this.plain))
  }
  get plain(): number {
    return words.length
  }
  settle(promise: Promise<number>): Promise<number> {
    return promise.then(() => this.count())
  }
}

export function sum(start = load(words, 0)): number {
  try {
    return [1, 2].reduce((total, by) => total + by + load(words, 0), start)
  } finally {
    load(words, 1)
  }
}

export async function later(): Promise<number> {
  return new Broken().length
}
