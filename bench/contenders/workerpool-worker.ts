// The other end of `bench/contenders/workerpool.ts`.
import workerpool from 'workerpool'
import { functions } from '../tasks/functions.js'

workerpool.worker(functions)
