/** What is played on each structure: its memory, who does what, and what it has to be. The mutants are games, too. */
import { exchange, load, peek, poke, store } from '#atomics'
import {
  advance,
  DequeOwner,
  DequeThief,
  distance,
  EMPTY,
  FifoConsumer,
  FifoProducer,
  NO_BLOCK,
  RETRY,
  RemoteFreeStack,
  RingConsumer,
  RingProducer,
  Slots,
} from '../../lib/ring-buffer/index.js'
import type { Random } from '../random.js'
import type { Specification } from './check.js'
import { NO, queueOf, returned, slotsOf, YES } from './specifications.js'

/** Does one operation and says what came back. */
export type Player = (name: string, argument: number) => readonly number[]

export interface Move {
  readonly name: string
  readonly argument: number
}

export interface Game {
  /** Words of memory for one round, a multiple of a line. */
  readonly words: number
  /** One per thread. */
  readonly roles: readonly string[]
  /** In the main thread, before a round; `start` is any index. */
  prepare?(words: Int32Array, start: number): void
  player(words: Int32Array, role: string, thread: number): Player
  /** The next move of a role; `number` is another one each time. */
  move(role: string, random: Random, number: number): Move
  readonly specification: Specification<any>
  /** The thread that remembers where others have come to, and says RETRY for what they took before its call. */
  readonly remembers?: number
}

const LINE = 32
const [FIRST, SECOND, ITEMS] = [LINE, 2 * LINE, 3 * LINE]
const CAPACITY = 4
const yes = (is: boolean): readonly number[] => [is ? YES : NO]

/** Gives other threads time in the middle of a mutant's step, for the histories are short. */
function dawdle(words: Int32Array): void {
  for (let i = 0; i < 300; i++) load(words, 0)
}

const setIndices = (words: Int32Array, start: number): void => {
  poke(words, FIRST, start)
  poke(words, SECOND, start)
}

// ---- deque: BOTTOM at FIRST, TOP at SECOND

class StoringThief {
  readonly #words: Int32Array
  constructor(words: Int32Array) {
    this.#words = words
  }
  steal(): number {
    const words = this.#words
    const top = load(words, SECOND)
    if (distance(load(words, FIRST), top) <= 0) return EMPTY
    const item = peek(words, ITEMS + (top & (CAPACITY - 1)))
    dawdle(words)
    store(words, SECOND, advance(top, 1)) // in place of the swap
    return item
  }
}

/** Takes the last item without the swap. */
function popRashly(words: Int32Array): number {
  const last = advance(peek(words, FIRST), -1)
  store(words, FIRST, last)
  const top = load(words, SECOND)
  const left = distance(last, top)
  if (left < 0) {
    store(words, FIRST, top)
    return EMPTY
  }
  const item = peek(words, ITEMS + (last & (CAPACITY - 1)))
  if (left > 0) return item
  dawdle(words)
  store(words, SECOND, advance(top, 1)) // in place of the swap
  store(words, FIRST, advance(last, 1))
  return item
}

function deque(mutant?: 'steal stores' | 'pop does not swap'): Game {
  return {
    words: 4 * LINE,
    roles: ['owner', 'thief', 'thief'],
    prepare: setIndices,
    player(words, role) {
      if (role === 'owner') {
        const owner = new DequeOwner(words, FIRST, SECOND, ITEMS, CAPACITY)
        return (name, argument) => {
          if (name === 'push') return yes(owner.tryPush(argument))
          return [mutant === 'pop does not swap' ? popRashly(words) : owner.pop()]
        }
      }
      const thief =
        mutant === 'steal stores' ? new StoringThief(words) : new DequeThief(words, FIRST, SECOND, ITEMS, CAPACITY)
      return () => [thief.steal()]
    },
    move: (role, random, number) =>
      role === 'thief'
        ? { name: 'steal', argument: 0 }
        : random.below(5) < 3
          ? { name: 'push', argument: number }
          : { name: 'pop', argument: 0 },
    specification: queueOf(CAPACITY),
  }
}

// ---- FIFO ring: BACK at FIRST, FRONT at SECOND; what a consumer takes by one swap goes to a ring of its own

const OWN = ITEMS + LINE
const OWN_LINES = 3

function fifoRing(mutant?: 'takeInto stores'): Game {
  return {
    words: OWN + 2 * OWN_LINES * LINE,
    roles: ['producer', 'consumer', 'consumer'],
    prepare: setIndices,
    player(words, role, thread) {
      if (role === 'producer') {
        const producer = new FifoProducer(words, FIRST, SECOND, ITEMS, CAPACITY)
        return (name, argument) => (name === 'push' ? yes(producer.tryPush(argument)) : [producer.take()])
      }
      const consumer = new FifoConsumer(words, FIRST, SECOND, ITEMS, CAPACITY)
      const base = OWN + (thread - 1) * OWN_LINES * LINE
      const own = new FifoProducer(words, base, base + LINE, base + 2 * LINE, CAPACITY)
      return (name) => {
        if (name === 'take') return [consumer.take()]
        const count = mutant === undefined ? consumer.takeInto(own, CAPACITY) : takeRashly(words, own)
        if (count <= 0) return [count === 0 ? EMPTY : RETRY]
        return Array.from({ length: count }, () => own.take())
      }
    },
    move: (role, random, number) =>
      role === 'consumer'
        ? { name: random.pick(['take', 'takeInto']), argument: 0 }
        : random.below(4) < 3
          ? { name: 'push', argument: number }
          : { name: 'take', argument: 0 },
    specification: queueOf(CAPACITY),
    remembers: 0,
  }
}

function takeRashly(words: Int32Array, own: FifoProducer): number {
  const front = load(words, SECOND)
  const length = distance(load(words, FIRST), front)
  if (length <= 0) return 0
  const count = (length + 1) >> 1
  for (let i = 0; i < count; i++) own.place(i, peek(words, ITEMS + (advance(front, i) & (CAPACITY - 1))))
  dawdle(words)
  store(words, SECOND, advance(front, count)) // in place of the swap
  own.publish(count)
  return count
}

// ---- ring of two threads: TAIL at FIRST, HEAD at SECOND

function spscRing(mutant?: 'published before it is written'): Game {
  return {
    words: 4 * LINE,
    roles: ['producer', 'consumer'],
    prepare: setIndices,
    player(words, role) {
      if (role === 'producer') {
        const producer = new RingProducer(words, FIRST, SECOND, ITEMS, CAPACITY)
        return (_, argument) => {
          if (mutant !== undefined) return yes(pushRashly(words, argument))
          const isPushed = producer.tryPush(argument)
          producer.publish()
          return yes(isPushed)
        }
      }
      const consumer = RingConsumer.attach(words, FIRST, SECOND, ITEMS, CAPACITY)
      return () => [consumer.pop()]
    },
    move: (role, _, number) =>
      role === 'producer' ? { name: 'push', argument: number } : { name: 'take', argument: 0 },
    specification: queueOf(CAPACITY),
  }
}

function pushRashly(words: Int32Array, item: number): boolean {
  const tail = peek(words, FIRST)
  if (distance(tail, load(words, SECOND)) >= CAPACITY) return false
  store(words, FIRST, advance(tail, 1))
  dawdle(words)
  poke(words, ITEMS + (tail & (CAPACITY - 1)), item) // too late
  return true
}

// ---- blocks that come home: HEAD at FIRST; block b is the word ITEMS + b

function remoteFree(mutant?: 'push stores'): Game {
  return {
    words: 5 * LINE,
    roles: ['owner', 'other', 'other'],
    player(words, role) {
      const stack = new RemoteFreeStack(words, FIRST)
      if (role === 'owner')
        return () => {
          const blocks: number[] = []
          for (let block = stack.takeAll(); block !== NO_BLOCK; block = stack.next(block)) blocks.push(block - ITEMS)
          return blocks
        }
      return (_, argument) => {
        if (mutant === undefined) stack.push(ITEMS + argument)
        else {
          poke(words, ITEMS + argument, load(words, FIRST))
          dawdle(words)
          exchange(words, FIRST, ITEMS + argument) // whoever came in between is cut off
        }
        return [YES]
      }
    },
    move: (role, _, number) =>
      role === 'owner' ? { name: 'takeAll', argument: 0 } : { name: 'push', argument: number },
    specification: returned,
  }
}

// ---- slots: a line of theirs for the refs that the owner hands on

const SLOTS = 2
const MAILS = 2
const SHAPE = { count: SLOTS, wordsPerSlot: 6 }

function slots(mutant?: 'claim stores'): Game {
  const bytes = Slots.bytesFor(SHAPE)
  const mailbox = bytes / 4
  const region = (words: Int32Array) => ({
    buffer: words.buffer as SharedArrayBuffer,
    byteOffset: words.byteOffset,
    byteLength: bytes,
  })
  return {
    words: mailbox + LINE,
    roles: ['owner', 'claimant', 'claimant'],
    prepare(words) {
      Slots.create({ ...SHAPE, into: region(words) })
    },
    player(words, role, thread) {
      if (role === 'owner') return slotOwner(words, mailbox, region(words))
      const claimant = Slots.claimantOf(region(words), thread)
      const running: number[] = []
      return (name, mail) => {
        if (name === 'complete') {
          const ref = running.pop()
          if (ref === undefined) return NOTHING
          claimant.complete(ref)
          return [YES, ref]
        }
        const ref = load(words, mailbox + mail) - 1
        if (ref < 0) return NOTHING
        const isClaimed = mutant === undefined ? claimant.tryClaim(ref) : claimRashly(words, ref, thread)
        if (isClaimed) running.push(ref)
        return [isClaimed ? YES : NO, ref]
      }
    },
    move: (role, random) => ({
      name:
        role === 'owner'
          ? random.pick(['allocate', 'publish', 'publish', 'free'])
          : random.pick(['claim', 'claim', 'complete']),
      argument: random.below(MAILS),
    }),
    specification: slotsOf(SLOTS),
  }
}

/** A move that could not be made. */
export const NOTHING: readonly number[] = []

function slotOwner(words: Int32Array, mailbox: number, region: Parameters<typeof Slots.ownerOf>[0]): Player {
  const owner = Slots.ownerOf(region)
  const allocated: number[] = []
  const published: number[] = []
  return (name, mail) => {
    if (name === 'allocate') {
      const ref = owner.tryAllocate()
      if (ref !== EMPTY) allocated.push(ref)
      return [ref, 0]
    }
    if (name === 'publish') {
      const ref = allocated.shift()
      if (ref === undefined) return NOTHING
      owner.publish(ref)
      published.push(ref)
      store(words, mailbox + mail, ref + 1)
      return [YES, ref]
    }
    const ref = published[0]
    if (ref === undefined) return NOTHING
    try {
      owner.free(ref)
    } catch {
      return [NO, ref]
    }
    published.shift()
    return [YES, ref]
  }
}

/** Judges the word by its state alone, and stores. */
function claimRashly(words: Int32Array, ref: number, thread: number): boolean {
  const offset = LINE + (ref & (SLOTS - 1)) * 8
  const seen = load(words, offset)
  if ((seen & 7) !== 1) return false
  dawdle(words)
  store(words, offset, (seen & ~0x1ff) | 2 | (thread << 3))
  return true
}

export const GAMES: Readonly<Record<string, () => Game>> = {
  deque: () => deque(),
  fifoRing: () => fifoRing(),
  spscRing: () => spscRing(),
  remoteFree: () => remoteFree(),
  slots: () => slots(),
}

/** Structures that are broken on purpose, by what is wrong with them. */
export const MUTANTS: Readonly<Record<string, () => Game>> = {
  'deque: steal stores in place of the swap': () => deque('steal stores'),
  'deque: pop takes the last item without the swap': () => deque('pop does not swap'),
  'fifoRing: takeInto stores in place of the swap': () => fifoRing('takeInto stores'),
  'spscRing: an item is published before it is written': () => spscRing('published before it is written'),
  'remoteFree: push exchanges whatever it has read': () => remoteFree('push stores'),
  'slots: claim stores in place of the swap': () => slots('claim stores'),
}
