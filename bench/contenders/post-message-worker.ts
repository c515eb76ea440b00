// The other end of `bench/contenders/post-message.ts`.
import { parentPort } from 'node:worker_threads'
import { countTicks, echo, startTicking, work } from '../tasks/functions.js'
import type { Request } from './post-message.js'

const functions = { echo, work, startTicking, countTicks }

parentPort!.on('message', (request: Request) => {
  const value = typeof request === 'number' ? echo(request) : functions[request.task](request.x)
  parentPort!.postMessage(value)
})
