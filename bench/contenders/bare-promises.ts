// The host's share of any pool: a promise for each call, resolved in a later turn of the event loop. No thread at all.
import type { Contender } from './contender.js'

export async function start(): Promise<Contender> {
  const waiting: (() => void)[] = []
  const settle = () => {
    for (const resolve of waiting) resolve()
    waiting.length = 0
  }
  const run = (x: number): Promise<number> =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(settle)
      waiting.push(() => resolve(x))
    })
  return { run, call: (_, x) => run(x), close: async () => {} }
}
