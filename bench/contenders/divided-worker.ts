// The other end of `bench/contenders/divided.ts`: computes its share as soon as it is told to.
import { workerData } from 'node:worker_threads'
import { functions } from '../tasks/functions.js'
import type { Share } from './divided.js'

const { words, index } = workerData as Share
const [GO, DONE, STOPPED] = [2 * index * 32, (2 * index + 1) * 32, -1]

for (let seen = 0; ; ) {
  Atomics.wait(words, GO, seen)
  seen = Atomics.load(words, GO)
  if (seen === STOPPED) break
  const [tasks, turns] = [words[GO + 1]!, words[GO + 2]!]
  for (let i = 0; i < tasks; i++) functions.work(turns)
  Atomics.store(words, DONE, seen)
  Atomics.notify(words, DONE)
}
