/**
 * Slots and blocks: one owner fills, others claim. Each publication is claimed once, whatever old refs are about, and the
 * words of a slot are the claimant's own from the claim to the completion.
 */
import { load, peek, poke, store } from '#atomics'
import {
  Arena,
  type ArenaOwner,
  type ArenaReader,
  EMPTY,
  type SlotClaimant,
  type SlotOwner,
  Slots,
} from '../../../lib/ring-buffer/index.js'
import { checkpoint, expect, note, noted } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

const SLOT_BYTES = 1024
const MAIL = SLOT_BYTES / 4
const MAILS = 8
/** See edits.ts. */
const GENERATIONS = 4
const RUNS = MAIL + MAILS
const WORDS = RUNS + MAILS
const CLAIMED_WORD = 2

/** Publishes calls one after the other in one slot or two; what it hands out stays known to the claimants, also when stale. */
class SlotSubmitter implements Script {
  readonly name = 'submitter'
  readonly words: Int32Array
  readonly slots: SlotOwner
  /** Only to look. */
  readonly claimant: SlotClaimant
  readonly calls: number

  constructor(words: Int32Array, slots: SlotOwner, claimant: SlotClaimant, calls: number) {
    this.words = words
    this.claimant = claimant
    this.slots = slots
    this.calls = calls
  }

  run(): void {
    for (let call = 0; call < this.calls; call++) {
      checkpoint()
      const ref = this.slots.tryAllocate()
      if (ref === EMPTY) return
      poke(this.slots.words, this.slots.wordOffset(ref), call + 1)
      this.slots.publish(ref)
      store(this.words, MAIL + call, ref + 1)
      if (this.claimant.stateOf(ref) !== 'done') continue
      expect(peek(this.slots.words, this.slots.wordOffset(ref)) === -(call + 1), 'a result is not the call’s own')
      this.slots.free(ref)
    }
  }
}

/** Tries every ref it has ever seen. */
class SlotWorker implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly slotWords: Int32Array
  readonly claimant: SlotClaimant
  readonly slots: SlotOwner
  readonly rounds: number

  constructor(name: string, words: Int32Array, claimant: SlotClaimant, slots: SlotOwner, rounds: number) {
    this.name = name
    this.words = words
    this.claimant = claimant
    this.slots = slots
    this.slotWords = slots.words
    this.rounds = rounds
  }

  run(): void {
    for (let round = 0; round < this.rounds; round++) {
      checkpoint()
      const ref = load(this.words, MAIL + round) - 1
      if (ref < 0) return
      if (!this.claimant.tryClaim(ref)) continue
      const at = this.slots.wordOffset(ref)
      const call = peek(this.slotWords, at)
      expect(call > 0, 'the slot holds a result already')
      expect((call - 1 - round) % GENERATIONS === 0, 'a stale ref has claimed')
      expect(note(this.words, RUNS + call - 1, 1) === 1, `call ${call} ran twice`)
      poke(this.slotWords, at, -call)
      this.claimant.complete(ref)
    }
  }
}

class SlotScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = WORDS * 4
  readonly calls: number
  readonly workers: number

  constructor(name: string, tier: 'quick' | 'deep', calls: number, workers: number) {
    this.name = name
    this.tier = tier
    this.calls = calls
    this.workers = workers
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    const into = { buffer, byteOffset: 0, byteLength: SLOT_BYTES }
    const region = Slots.create({ count: 1, wordsPerSlot: CLAIMED_WORD, into })
    const slots = Slots.ownerOf(region)
    const scripts: Script[] = [new SlotSubmitter(words, slots, Slots.claimantOf(region, 0), this.calls)]
    for (let id = 1; id <= this.workers; id++)
      scripts.push(new SlotWorker(`worker ${id}`, words, Slots.claimantOf(region, id), slots, this.calls))
    return { scripts }
  }
}

/** Allocates until nothing is left; a reader gives blocks back meanwhile. */
class Allocator implements Script {
  readonly name = 'owner'
  readonly words: Int32Array
  readonly arena: ArenaOwner
  readonly blocks: number

  constructor(words: Int32Array, arena: ArenaOwner, blocks: number) {
    this.words = words
    this.arena = arena
    this.blocks = blocks
  }

  run(): void {
    for (let block = 0; block < this.blocks; block++) {
      const offset = this.arena.tryAllocate(BLOCK_BYTES)
      if (offset === EMPTY) continue
      expect(note(this.words, HELD + offset / BLOCK_BYTES, 1) === 1, 'a block in use was allocated')
      store(this.words, POST + block, offset + 1)
    }
  }
}

class Releaser implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly arena: ArenaReader
  readonly plan: readonly number[]

  constructor(name: string, words: Int32Array, arena: ArenaReader, plan: readonly number[]) {
    this.name = name
    this.words = words
    this.arena = arena
    this.plan = plan
  }

  run(): void {
    for (const block of this.plan) {
      const offset = load(this.words, POST + block) - 1
      if (offset < 0) continue
      note(this.words, HELD + offset / BLOCK_BYTES, -1)
      this.arena.release(offset)
    }
  }
}

/** As many as make two of them all that there is: an arena of 1 KiB is one chunk, and a block takes half. */
const BLOCK_BYTES = 512
const ARENA_BYTES = 256 + 1024
const POST = ARENA_BYTES / 4
const HELD = POST + 8

class ArenaPlay implements Play {
  readonly scripts: readonly Script[]
  readonly words: Int32Array
  readonly arena: ArenaOwner

  constructor(words: Int32Array, arena: ArenaOwner, scripts: readonly Script[]) {
    this.words = words
    this.arena = arena
    this.scripts = scripts
  }

  /** What is not held can be had. */
  end(): void {
    const held = noted(this.words, HELD) + noted(this.words, HELD + 1)
    for (let block = held; block < 2; block++)
      expect(this.arena.tryAllocate(BLOCK_BYTES) !== EMPTY, 'a block did not come home')
    expect(this.arena.tryAllocate(BLOCK_BYTES) === EMPTY, 'there are more blocks than the arena holds')
  }
}

class ArenaScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = (HELD + 2) * 4
  readonly blocks: number
  readonly plans: readonly (readonly number[])[]

  constructor(name: string, tier: 'quick' | 'deep', blocks: number, plans: readonly (readonly number[])[]) {
    this.name = name
    this.tier = tier
    this.blocks = blocks
    this.plans = plans
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    const region = Arena.create({ bytes: 1024, into: { buffer, byteOffset: 0, byteLength: ARENA_BYTES } })
    const arena = Arena.ownerOf(region)
    const releasers = this.plans.map((plan, i) => new Releaser(`reader ${i}`, words, Arena.readerOf(region), plan))
    return new ArenaPlay(words, arena, [new Allocator(words, arena, this.blocks), ...releasers])
  }
}

export const scenarios: readonly Scenario[] = [
  new SlotScenario('slots: reuse against stale refs', 'quick', 3, 2),
  // Of generations there are four (edits.ts): the last ref names what the first one does.
  new SlotScenario('slots: generations come round', 'quick', 5, 2),
  new SlotScenario('slots: three workers', 'deep', 2, 3),
  new ArenaScenario('arena: exhausted, blocks come home', 'quick', 4, [[0, 2], [1]]),
  new ArenaScenario('arena: three readers', 'deep', 5, [[0, 3], [1], [2]]),
]
