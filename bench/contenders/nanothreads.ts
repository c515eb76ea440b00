// nanothreads with a worker file, which its README measures to be a little faster than an inline function; a pool has one
// function. multithreading, the better kept of the two, does not load on Node 20 (it needs `navigator`); this one does not
// on 22 and later, where for the sake of `navigator` it takes Node for a browser.
import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.js'
import { ThreadPool } from './nanothreads-types.js'

export async function start(threads: number): Promise<Contender> {
  if ('navigator' in globalThis) throw new Error('nanothreads takes this Node for a browser')
  const pool = new ThreadPool({
    task: fileURLToPath(new URL('./nanothreads-worker.js', import.meta.url)),
    count: threads,
  })
  return { run: (x) => pool.exec(x), call: (task, x) => pool.exec(x, task), close: () => pool.terminate() }
}
