// The other end of `bench/contenders/post-message.ts`.
import { parentPort } from 'node:worker_threads'
import { functions } from '../tasks/functions.js'
import type { Request } from './post-message.js'

parentPort!.on('message', (request: Request) => {
  if (request instanceof Uint8Array) {
    parentPort!.postMessage(request, [request.buffer])
    return
  }
  const value = typeof request === 'number' ? functions.echo(request) : functions[request.task](request.x as never)
  parentPort!.postMessage(value)
})
