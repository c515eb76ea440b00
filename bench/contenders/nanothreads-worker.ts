// The other end of `bench/contenders/nanothreads.ts`.
import { parentPort } from 'node:worker_threads'
import { functions, type TaskName } from '../tasks/functions.js'
import { workerInit } from './nanothreads-types.js'

workerInit(parentPort!, (x: never, task: TaskName = 'echo') => functions[task](x))
