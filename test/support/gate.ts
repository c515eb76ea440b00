import { add, load, notify, store, wait, waitAsync } from '#atomics'
import { settles } from './hang-limit.js'

// A gate is shared by a test and its tasks. Who stands before it is counted; the test opens it.
const ARRIVED = 0
const OPEN = 1
const MET = 2
const WORDS = 3
const EVERYBODY = 0x7fffffff
const HANG_MS = 60_000

export function newGate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(WORDS * 4))
}

/** Resolves when `count` tasks have come to the gate. */
export function arrivals(gate: Int32Array, count: number): Promise<void> {
  const look = async (): Promise<void> => {
    for (let seen = load(gate, ARRIVED); seen < count; seen = load(gate, ARRIVED)) {
      const waiter = waitAsync(gate, ARRIVED, seen, HANG_MS)
      if (waiter.async) await waiter.value
    }
  }
  return settles(look(), `the arrival of ${count} at a gate`)
}

export function arrivedAt(gate: Int32Array): number {
  return load(gate, ARRIVED)
}

export function openGate(gate: Int32Array): void {
  store(gate, OPEN, 1)
  notify(gate, OPEN, EVERYBODY)
}

/** In a task: says that it is there. */
export function arriveAt(gate: Int32Array): void {
  add(gate, ARRIVED, 1)
  notify(gate, ARRIVED, EVERYBODY)
}

/** In a task: says that it is there, then blocks until the gate opens. */
export function standBefore(gate: Int32Array): void {
  arriveAt(gate)
  if (load(gate, OPEN) === 0 && wait(gate, OPEN, 0, HANG_MS) === 'timed-out') throw new Error('nobody opened the gate')
}

/** In a task: as `standBefore`, with the event loop of its thread free. */
export async function awaitBefore(gate: Int32Array): Promise<void> {
  arriveAt(gate)
  if (load(gate, OPEN) !== 0) return
  const waiter = waitAsync(gate, OPEN, 0, HANG_MS)
  if (waiter.async && (await waiter.value) === 'timed-out') throw new Error('nobody opened the gate')
}

/** In a task: blocks until `count` threads are in here at the same time, so that passing proves that they run in parallel. */
export function meetAt(gate: Int32Array, count: number): void {
  add(gate, MET, 1)
  notify(gate, MET, EVERYBODY)
  for (let met = load(gate, MET); met < count; met = load(gate, MET)) {
    if (wait(gate, MET, met, HANG_MS) === 'timed-out') throw new Error(`${met} of ${count} met`)
  }
}
