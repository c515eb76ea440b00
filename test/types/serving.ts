// Only has to compile: the entries of workers, and pools that start them.
import { Pool, type WorkerLike } from '../../lib/index.js'
import { serve } from '../../lib/workers/serve.js'
import * as tasks from './tasks.js'

serve({ tasks, more: { half: (n: number) => n / 2 } })
// @ts-expect-error modules have ids
serve(tasks.fib)
// @ts-expect-error a module is an object
serve({ tasks: 'tasks.js' })

declare const start: () => WorkerLike
new Pool({ createWorker: start, threads: 2 })
new Pool({ createWorker: undefined })
// @ts-expect-error a worker is there at once
new Pool({ createWorker: async () => start() })
// @ts-expect-error a worker can be terminated
new Pool({ createWorker: () => ({ postMessage() {} }) })
