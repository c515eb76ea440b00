import { add } from '#atomics'
import { isWorker, parallel, workerData } from '../../lib/index.js'
import { DOOMED_LOAD, type Ledger } from './tasks.js'

// A task module whose evaluation may end its worker, as often as the ledger says.
if (isWorker) {
  const { doomed } = workerData as Ledger
  if (add(doomed, DOOMED_LOAD, -1) > 0) process.exit(7)
  add(doomed, DOOMED_LOAD, 1)
}

export const { loads } = parallel(import.meta, {
  loads(task: number): number {
    add((workerData as Ledger).starts, task, 1)
    return task
  },
})
