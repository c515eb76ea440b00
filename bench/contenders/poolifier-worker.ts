// The other end of `bench/contenders/poolifier-pool.ts`.
import { ThreadWorker } from 'poolifier'
import { functions } from '../tasks/functions.js'

new ThreadWorker<any, unknown>(functions)
