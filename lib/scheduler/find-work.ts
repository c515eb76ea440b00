/**
 * Where a worker looks for work, and in which order: own deque, higher bands, inbox, default band, lower bands, then the
 * inboxes and deques of the others, from a random one on. What it returns it has claimed: the swap on the slot's word
 * decided, the queues only gave hints. Owner: one worker. Lock-free.
 */
import { add, load } from '#atomics'
import {
  DequeOwner,
  DequeThief,
  distance,
  EMPTY,
  FifoConsumer,
  FifoProducer,
  RETRY,
  tryClaim,
} from '../ring-buffer/index.js'
import { BandReader } from './bands.js'
import { AGING_PERIOD, BATCH_LIMIT, bitOf, LIVE, STATE, STEALS, type TeamMemory } from './layout.js'

export class Finder {
  readonly deque: DequeOwner
  readonly #memory: TeamMemory
  readonly #worker: number
  readonly #bands: BandReader
  readonly #inbox: FifoProducer
  readonly #inboxes: FifoConsumer[] = []
  readonly #deques: DequeThief[] = []
  readonly #counters: number
  #claims = 0
  #random: number

  constructor(memory: TeamMemory, worker: number, seed: number) {
    const { words } = memory
    this.#memory = memory
    this.#worker = worker
    this.#bands = new BandReader(memory)
    this.#counters = memory.counters(worker)
    this.#random = seed | 1
    for (let p = 0; p <= memory.workers; p++) {
      const back = memory.inboxBack(p)
      const front = memory.inboxFront(p)
      this.#inboxes.push(new FifoConsumer(words, back, front, memory.inboxItems(p), memory.inboxCapacity))
      const bottom = memory.dequeBottom(p)
      const top = memory.dequeTop(p)
      this.#deques.push(new DequeThief(words, bottom, top, memory.dequeItems(p), memory.dequeCapacity))
    }
    const inboxBack = memory.inboxBack(worker)
    const inboxFront = memory.inboxFront(worker)
    this.#inbox = new FifoProducer(words, inboxBack, inboxFront, memory.inboxItems(worker), memory.inboxCapacity)
    const bottom = memory.dequeBottom(worker)
    const top = memory.dequeTop(worker)
    this.deque = new DequeOwner(words, bottom, top, memory.dequeItems(worker), memory.dequeCapacity)
  }

  /** A claimed task, or EMPTY. */
  find(): number {
    for (;;) {
      const id = this.#next()
      if (id === RETRY) continue
      if (id === EMPTY) return EMPTY
      if (this.#claim(id)) return id
    }
  }

  /** A claimed child from the own deque, or EMPTY: what a worker at its limit may still run. */
  findChild(): number {
    while (!this.deque.isEmpty()) {
      const id = this.deque.pop()
      if (id === EMPTY) return EMPTY
      if (this.#claim(id)) return id
    }
    return EMPTY
  }

  /** A claimed task of those that lie in the worker's own queues, or EMPTY: what one that leaves still runs. */
  findHeld(): number {
    for (;;) {
      const child = this.findChild()
      if (child !== EMPTY) return child
      const id = this.#inbox.take()
      if (id === EMPTY) return EMPTY
      if (this.#claim(id)) return id
    }
  }

  /** What leapfrogging may take: the oldest hint in the deque of the worker that runs what this one waits for, or EMPTY. */
  topAt(executor: number): number {
    return (this.#deques[executor] as DequeThief).top()
  }

  /** Steals and claims exactly the task that `topAt` has shown. */
  takeAt(executor: number, id: number): boolean {
    if (!(this.#deques[executor] as DequeThief).stealIf(id) || !this.#claim(id)) return false
    add(this.#memory.words, this.#counters + STEALS, 1)
    return true
  }

  /** The cheap look of a searcher: the host's default band. */
  hasHostWork(): boolean {
    return this.#bands.hasDefault()
  }

  /** Tasks of the host that wait, in its bands or in this worker's own inbox, about. */
  countBacklog(): number {
    return this.#bands.countBacklog() + this.#inbox.count()
  }

  /** Any queue that holds a hint, without taking it: the second look before parking. */
  hasWork(): boolean {
    if (this.#bands.hasAny() || !this.deque.isEmpty()) return true
    const live = load(this.#memory.words, LIVE) // observe: who may hold anything; what the dead held was handed out again
    for (let p = 1; p <= this.#memory.workers; p++) {
      if ((live & bitOf(p)) === 0) continue
      if ((this.#inboxes[p] as FifoConsumer).count() > 0 || (this.#deques[p] as DequeThief).count() > 0) return true
    }
    return false
  }

  #claim(id: number): boolean {
    if (tryClaim(this.#memory.words, this.#memory.slot(id) + STATE, this.#worker) < 0) return false
    if (++this.#claims === AGING_PERIOD) this.#claims = 0
    return true
  }

  /** A hint, EMPTY or RETRY. */
  #next(): number {
    if (this.#claims === AGING_PERIOD - 1) {
      this.#claims = 0
      const aged = this.#bands.takeInTurn()
      if (aged !== EMPTY) return aged
    }
    if (!this.deque.isEmpty()) {
      const child = this.deque.pop()
      if (child !== EMPTY) return child
    }
    const bands = this.#bands.bands()
    const above = this.#bands.takeAbove(bands)
    if (above !== EMPTY) return above
    const held = this.#inbox.take()
    if (held !== EMPTY) return held
    const fresh = this.#bands.takeDefault(bands, this.#inbox)
    if (fresh !== EMPTY) return fresh
    const taken = this.#inbox.take() // of a run that was taken just now
    if (taken !== EMPTY) return taken
    const below = this.#bands.takeBelow(bands)
    if (below !== EMPTY) return below
    return this.#steal()
  }

  #steal(): number {
    const { words, workers } = this.#memory
    const live = load(words, LIVE) // observe: who takes part
    if ((live & ~bitOf(this.#worker)) === 0) return EMPTY
    let result = EMPTY
    const start = this.#draw(workers)
    for (let i = 0; i < workers; i++) {
      const victim = 1 + ((start + i) % workers)
      if (victim === this.#worker || (live & bitOf(victim)) === 0) continue
      const moved = (this.#inboxes[victim] as FifoConsumer).takeInto(this.#inbox, BATCH_LIMIT)
      if (moved > 0) {
        add(words, this.#counters + STEALS, moved)
        return RETRY // they lie in the own inbox now
      }
      const child = (this.#deques[victim] as DequeThief).steal()
      if (child >= 0) {
        add(words, this.#counters + STEALS, 1)
        return child
      }
      if (moved === RETRY || child === RETRY) result = RETRY
    }
    return result
  }

  /** Xorshift32 (Marsaglia 2003): a different order for each worker and each round. */
  #draw(below: number): number {
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x
    return (x >>> 0) % below
  }
}

/** Any hint in a worker's deque: children that nobody has taken, or that were claimed by their slots. Anybody may call it. */
export function hasChildren(memory: TeamMemory): boolean {
  const { words } = memory
  const live = load(words, LIVE) // observe: who may hold anything
  for (let p = 1; p <= memory.workers; p++) {
    if ((live & bitOf(p)) === 0) continue
    const top = load(words, memory.dequeTop(p)) // observe: moved by thieves
    if (distance(load(words, memory.dequeBottom(p)), top) > 0) return true // observe: published by tryPush
  }
  return false
}
