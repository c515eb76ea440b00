/**
 * Plain accesses that race, and may. Each is a step of its own in the checker, so that it is seen late as well as early; an
 * entry that no configuration needs is reported.
 */
import type { Site } from './sites.js'

export interface Tolerated {
  readonly file: string
  readonly within: string
  readonly operation: 'peek' | 'poke'
  readonly why: string
}

const RING = 'lib/ring-buffer/fifo-ring.ts'
const DEQUE = 'lib/ring-buffer/deque.ts'
const BANDS = 'lib/scheduler/bands.ts'
const OVERTAKEN = 'who overwrites the place moves the index first, or finds it moved: then the swap that follows fails'

export const TOLERATED: readonly Tolerated[] = [
  { file: DEQUE, within: 'DequeThief.steal', operation: 'peek', why: OVERTAKEN },
  { file: DEQUE, within: 'DequeThief.stealNoting', operation: 'peek', why: OVERTAKEN },
  { file: RING, within: 'FifoConsumer.take', operation: 'peek', why: OVERTAKEN },
  { file: RING, within: 'FifoConsumer.takeNoting', operation: 'peek', why: OVERTAKEN },
  { file: RING, within: 'FifoConsumer.takeInto', operation: 'peek', why: OVERTAKEN },
  { file: BANDS, within: 'BandReader.bands', operation: 'peek', why: 'a hint; the look before parking loads the word' },
  {
    file: BANDS,
    within: 'BandReader.takeDefault',
    operation: 'peek',
    why: 'the express word names id and index in one; an item that was overtaken is lost with the swap',
  },
  {
    file: 'lib/workers/dispatcher.ts',
    within: 'Dispatcher.touch',
    operation: 'peek',
    why: 'a read for its own sake: a record that comes late names a slot that runs again, and nothing depends on the value',
  },
]

/**
 * Plain writes that are steps of their own: of items that the tolerated reads may see too early, and of what a death would leave
 * different before and after.
 */
const WRITES: readonly Omit<Tolerated, 'why'>[] = [
  { file: DEQUE, within: 'DequeOwner.tryPush', operation: 'poke' },
  { file: DEQUE, within: 'DequeThief.stealNoting', operation: 'poke' },
  { file: RING, within: 'FifoProducer.place', operation: 'poke' },
  { file: RING, within: 'FifoConsumer.takeNoting', operation: 'poke' },
  { file: BANDS, within: 'BandWriter.tryPush', operation: 'poke' },
  { file: BANDS, within: 'BandWriter.publish', operation: 'poke' },
  { file: 'lib/scheduler/done-stack.ts', within: 'pushDone', operation: 'poke' },
]

export function isStepOfItsOwn(file: string, within: string, operation: string): boolean {
  return [...TOLERATED, ...WRITES].some(
    (entry) => entry.file === file && entry.within === within && entry.operation === operation,
  )
}

/** The entry that allows a race between two sites, if any. */
export function toleratedRace(one: Site, other: Site): Tolerated | undefined {
  return TOLERATED.find((entry) => covers(entry, one) || covers(entry, other))
}

function covers(entry: Tolerated, site: Site): boolean {
  return entry.file === site.file && entry.within === site.within && entry.operation === site.operation
}
