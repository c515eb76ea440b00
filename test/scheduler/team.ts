import { load, store } from '#atomics'
import { executorOf, FifoProducer, packState, QUEUED, stateOf } from '../../lib/ring-buffer/index.js'
import { STATE, TeamMemory } from '../../lib/scheduler/index.js'

export function makeTeam(workers = 3): TeamMemory {
  return new TeamMemory({ workers, hostSlots: 16, workerSlots: 8 }, undefined)
}

/** Makes slots QUEUED, as their submitter does before it publishes a hint. Returns them. */
export function queue(memory: TeamMemory, ...ids: number[]): number[] {
  for (const id of ids) setWord(memory, id, packState(QUEUED, 0, 0))
  return ids
}

export function setWord(memory: TeamMemory, id: number, word: number): void {
  store(memory.words, memory.slot(id) + STATE, word)
}

export function wordOf(memory: TeamMemory, id: number): number {
  return load(memory.words, memory.slot(id) + STATE)
}

export function stateAndExecutor(memory: TeamMemory, id: number): [state: number, executor: number] {
  const word = wordOf(memory, id)
  return [stateOf(word), executorOf(word)]
}

export function inboxOf(memory: TeamMemory, worker: number): FifoProducer {
  const back = memory.inboxBack(worker)
  const front = memory.inboxFront(worker)
  return new FifoProducer(memory.words, back, front, memory.inboxItems(worker), memory.inboxCapacity)
}
