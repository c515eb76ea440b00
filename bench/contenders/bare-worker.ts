// The least that a first result can take: a bare Worker that answers once. With or without the modules that a worker of
// this library loads before it can answer: the library and the task module.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Contender } from './contender.js'

const EMPTY = `require('node:worker_threads').parentPort.on('message', (x) => require('node:worker_threads').parentPort.postMessage(x))`
const tasks = new URL('../tasks/parallel.js', import.meta.url).href
const LOADING = `import(${JSON.stringify(tasks)}).then(() => { ${EMPTY} })`

export const startBareWorker = (loads: boolean) => async (): Promise<Contender> => {
  const worker = new Worker(loads ? LOADING : EMPTY, { eval: true })
  const run = async (x: number): Promise<number> => {
    worker.postMessage(x)
    const [value] = await once(worker, 'message')
    return value
  }
  return { run, call: (_, x) => run(x), close: () => worker.terminate() }
}
