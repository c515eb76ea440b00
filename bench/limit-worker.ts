// The other spinning thread of `bench/limit.ts`: answers each new value with itself.
import { parentPort, workerData } from 'node:worker_threads'
import { PING, PONG, STOP } from './limit.js'

const words = workerData as Int32Array
parentPort!.postMessage('spinning')

for (let last = 0; ; ) {
  const value = Atomics.load(words, PING)
  if (value === STOP) break
  if (value !== last) {
    last = value
    Atomics.store(words, PONG, value)
  }
}
