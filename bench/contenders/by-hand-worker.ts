// The other end of `bench/contenders/by-hand.ts`: runs echo on each number as soon as it is published.
import { parentPort, workerData } from 'node:worker_threads'
import { functions } from '../tasks/functions.js'
import { ANSWERED, ASKED, MASK, type Memory, STOPPED } from './by-hand.js'

const { words, numbers } = workerData as Memory
parentPort!.postMessage('polling')

for (let done = 0; ; ) {
  const asked = Atomics.load(words, ASKED)
  if (asked === STOPPED) break
  if (asked === done) continue
  for (; done !== asked; done++) numbers[done & MASK] = functions.echo(numbers[done & MASK]!)
  Atomics.store(words, ANSWERED, done)
}
