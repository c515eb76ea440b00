// What one writes without a library: bare workers, postMessage, answers matched to calls by their order.
import { Worker } from 'node:worker_threads'
import type { Bytes, Contender, TaskName } from './contender.js'

/** A number is a call of echo; bytes are moved back. */
export type Request = number | Bytes | { readonly task: TaskName; readonly x: unknown }

interface Thread {
  readonly worker: Worker
  readonly waiting: ((value: any) => void)[]
  next: number
}

export async function start(threads: number): Promise<Contender> {
  const all = Array.from({ length: threads }, startThread)
  let turn = 0
  const send = (request: Request, transfer: ArrayBuffer[] = []): Promise<any> => {
    const thread = all[turn++ % all.length]!
    return new Promise((resolve) => {
      thread.waiting.push(resolve)
      thread.worker.postMessage(request, transfer)
    })
  }
  return {
    run: (x) => send(x),
    call: (task, x) => send({ task, x }),
    moveThrough: (bytes) => send(bytes, [bytes.buffer]),
    close: () => Promise.all(all.map(({ worker }) => worker.terminate())),
  }
}

function startThread(): Thread {
  const worker = new Worker(new URL('./post-message-worker.js', import.meta.url))
  const thread: Thread = { worker, waiting: [], next: 0 }
  worker.on('message', (value: unknown) => {
    thread.waiting[thread.next++]!(value)
    if (thread.next === thread.waiting.length) {
      thread.waiting.length = 0
      thread.next = 0
    }
  })
  return thread
}
