/** The deque: its owner against one thief and two, taking one and several, where the indices come round. */
import { store } from '#atomics'
import { advance, DequeOwner, DequeThief, EMPTY, INDEX_MASK, RETRY } from '../../../lib/ring-buffer/index.js'
import { expect, note, noted } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

const BOTTOM = 0
const TOP = 1
const ITEMS = 2
const MOST = 4
/** By item: how often it was taken. */
const TAKEN = ITEMS + MOST
/** A second deque, for a thief that takes several. */
const OWN_BOTTOM = TAKEN + 16
const OWN_TOP = OWN_BOTTOM + 1
const OWN_ITEMS = OWN_TOP + 1
const WORDS = OWN_ITEMS + MOST

interface Rules {
  readonly capacity: number
  /** What the owner does: + pushes the next item, - pops one. */
  readonly owner: string
  /** Of each thief: s steals one, b several into a deque of its own (one thief only). */
  readonly thieves: readonly string[]
  readonly start: number
}

function take(words: Int32Array, item: number): void {
  expect(item >= 0 && item < 16, `the item ${item} was never pushed`)
  expect(note(words, TAKEN + item, 1) === 1, `item ${item} was taken twice`)
}

class Owner implements Script {
  readonly name = 'owner'
  readonly words: Int32Array
  readonly deque: DequeOwner
  readonly plan: string
  pushed = 0

  constructor(words: Int32Array, { owner, capacity }: Rules) {
    this.words = words
    this.plan = owner
    this.deque = new DequeOwner(words, BOTTOM, TOP, ITEMS, capacity)
  }

  run(): void {
    for (const what of this.plan) {
      if (what === '+') {
        if (this.deque.tryPush(this.pushed)) this.pushed++
      } else {
        const item = this.deque.pop()
        expect(item !== RETRY, 'pop lost a race and did not say EMPTY')
        if (item !== EMPTY) take(this.words, item)
      }
    }
  }
}

class Thief implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly deque: DequeThief
  readonly own: DequeOwner
  readonly plan: string
  last = -1

  constructor(words: Int32Array, { capacity }: Rules, plan: string, number: number) {
    this.name = `thief ${number}`
    this.words = words
    this.plan = plan
    this.deque = new DequeThief(words, BOTTOM, TOP, ITEMS, capacity)
    this.own = new DequeOwner(words, OWN_BOTTOM, OWN_TOP, OWN_ITEMS, MOST)
  }

  run(): void {
    for (const what of this.plan) {
      if (what === 's') this.accept(this.deque.steal())
      else {
        this.deque.stealInto(this.own, 2)
        // Backwards: the bottom of the own deque is what was stolen last.
        let after = 16
        for (let item = this.own.pop(); item !== EMPTY; item = this.own.pop()) {
          expect(item < after, 'the order was not kept')
          after = item
          take(this.words, item)
        }
      }
    }
  }

  accept(item: number): void {
    if (item < 0) return
    expect(item > this.last, `item ${item} was stolen after ${this.last}`)
    this.last = item
    take(this.words, item)
  }
}

class DequeScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly rules: Rules
  readonly bytes = WORDS * 4

  constructor(name: string, tier: 'quick' | 'deep', rules: Rules) {
    this.name = name
    this.tier = tier
    this.rules = rules
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    for (const [bottom, top] of [
      [BOTTOM, TOP],
      [OWN_BOTTOM, OWN_TOP],
    ] as const) {
      store(words, bottom, this.rules.start)
      store(words, top, this.rules.start)
    }
    const owner = new Owner(words, this.rules)
    const thieves = this.rules.thieves.map((plan, i) => new Thief(words, this.rules, plan, i + 1))
    return new DequePlay(words, owner, thieves)
  }
}

class DequePlay implements Play {
  readonly scripts: readonly Script[]
  readonly words: Int32Array
  readonly owner: Owner

  constructor(words: Int32Array, owner: Owner, thieves: readonly Thief[]) {
    this.words = words
    this.owner = owner
    this.scripts = [owner, ...thieves]
  }

  /** What nobody took is still there. */
  end(): void {
    for (let item = this.owner.deque.pop(); item !== EMPTY; item = this.owner.deque.pop()) take(this.words, item)
    for (let item = 0; item < this.owner.pushed; item++)
      expect(noted(this.words, TAKEN + item) === 1, `item ${item} was lost`)
  }
}

const LAST = advance(0, -1)

export const scenarios: readonly Scenario[] = [
  new DequeScenario('deque: the last item', 'quick', { capacity: 4, owner: '+-+-', thieves: ['ss'], start: 0 }),
  new DequeScenario('deque: two thieves', 'quick', { capacity: 4, owner: '++--', thieves: ['s', 's'], start: 0 }),
  new DequeScenario('deque: full, at the wrap', 'quick', {
    capacity: 2,
    owner: '++-++-',
    thieves: ['ss'],
    start: LAST,
  }),
  new DequeScenario('deque: two thieves at the wrap', 'quick', {
    capacity: 2,
    owner: '+++--',
    thieves: ['s', 's'],
    start: INDEX_MASK - 1,
  }),
  new DequeScenario('deque: several at a time', 'quick', { capacity: 4, owner: '+++-+-', thieves: ['b'], start: LAST }),
  new DequeScenario('deque: several and one', 'deep', {
    capacity: 4,
    owner: '+++-+--',
    thieves: ['b', 'ss'],
    start: LAST,
  }),
  new DequeScenario('deque: three thieves', 'deep', {
    capacity: 4,
    owner: '+++--+-',
    thieves: ['ss', 's', 's'],
    start: 0,
  }),
]
