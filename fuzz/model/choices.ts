/** What the explorer decides: who goes next, and what happens to that thread. */
import type { Machine } from './machine.js'
import type { Thread } from './thread.js'

const THREAD_BITS = 4
const THREAD_MASK = (1 << THREAD_BITS) - 1
export const GO = 0
export const DIE = 1
export const TIME_OUT = 2
/** `choose` gives the number that is added to this. */
export const CHOOSE = 3

export function threadOf(choice: number): number {
  return choice & THREAD_MASK
}
export function eventOf(choice: number): number {
  return choice >> THREAD_BITS
}
export function choiceOf(thread: number, event: number): number {
  return thread | (event << THREAD_BITS)
}

export function apply(machine: Machine, choice: number): void {
  const thread = machine.threads[threadOf(choice)] as Thread
  const event = eventOf(choice)
  if (event === GO && !machine.isEnabled(thread)) throw new Error('the schedule does not fit the scenario')
  if (event === DIE) machine.die(thread)
  else if (event === TIME_OUT) machine.timeOut(thread)
  else machine.step(thread, event === GO ? 0 : event - CHOOSE)
}
