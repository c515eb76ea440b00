/** The two rings: one producer against two consumers (FIFO) or one (SPSC), full, empty, and where the indices come round. */
import { store } from '#atomics'
import {
  advance,
  EMPTY,
  FifoConsumer,
  FifoProducer,
  RETRY,
  RingConsumer,
  RingProducer,
} from '../../../lib/ring-buffer/index.js'
import { expect, note, noted } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

const BACK = 0
const FRONT = 1
const ITEMS = 2
const MOST = 4
const TAKEN = ITEMS + MOST
const ITEM_COUNT = 8
/** An inbox for each consumer. */
const INBOXES = TAKEN + ITEM_COUNT
const INBOX_WORDS = 2 + MOST
const WORDS = INBOXES + 3 * INBOX_WORDS
const LAST = advance(0, -1)

function take(words: Int32Array, item: number): void {
  expect(item >= 0 && item < ITEM_COUNT, `the item ${item} was never pushed`)
  expect(note(words, TAKEN + item, 1) === 1, `item ${item} was taken twice`)
}

interface Rules {
  readonly capacity: number
  /** + pushes the next item, 2 pushes two and publishes them at once, - takes one back (FIFO). */
  readonly producer: string
  /** Of each consumer: t takes one, r a run into its inbox, and then what lies there. */
  readonly consumers: readonly string[]
}

class FifoPush implements Script {
  readonly name = 'producer'
  readonly words: Int32Array
  readonly ring: FifoProducer
  readonly plan: string
  pushed = 0
  last = -1

  constructor(words: Int32Array, { producer, capacity }: Rules) {
    this.words = words
    this.plan = producer
    this.ring = new FifoProducer(words, BACK, FRONT, ITEMS, capacity)
  }

  run(): void {
    for (const what of this.plan) {
      if (what === '-') this.takeBack()
      else if (what === '+') {
        if (this.ring.tryPush(this.pushed)) this.pushed++
      } else if (this.ring.room(2) >= 2) {
        this.ring.place(0, this.pushed)
        this.ring.place(1, this.pushed + 1)
        this.ring.publish(2)
        this.pushed += 2
      }
    }
  }

  takeBack(): void {
    const item = this.ring.take()
    if (item === EMPTY || item === RETRY) return
    expect(item > this.last, `item ${item} was taken after ${this.last}`)
    this.last = item
    take(this.words, item)
  }
}

class FifoTake implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly ring: FifoConsumer
  readonly inbox: FifoProducer
  readonly plan: string
  last = -1

  constructor(words: Int32Array, { capacity }: Rules, plan: string, number: number) {
    this.name = `consumer ${number}`
    this.words = words
    this.plan = plan
    this.ring = new FifoConsumer(words, BACK, FRONT, ITEMS, capacity)
    const inbox = INBOXES + number * INBOX_WORDS
    this.inbox = new FifoProducer(words, inbox, inbox + 1, inbox + 2, MOST)
  }

  run(): void {
    for (const what of this.plan) {
      if (what === 't') this.accept(this.ring.take())
      else {
        this.ring.takeInto(this.inbox, 2)
        for (let item = this.inbox.take(); item !== EMPTY; item = this.inbox.take()) this.accept(item)
      }
    }
  }

  accept(item: number): void {
    if (item < 0) return
    expect(item > this.last, `item ${item} was taken after ${this.last}`)
    this.last = item
    take(this.words, item)
  }
}

class FifoPlay implements Play {
  readonly scripts: readonly Script[]
  readonly words: Int32Array
  readonly producer: FifoPush

  constructor(words: Int32Array, producer: FifoPush, consumers: readonly FifoTake[]) {
    this.words = words
    this.producer = producer
    this.scripts = [producer, ...consumers]
  }

  end(): void {
    const rest = new FifoConsumer(this.words, BACK, FRONT, ITEMS, this.producer.ring.capacity)
    for (let item = rest.take(); item !== EMPTY; item = rest.take()) take(this.words, item)
    for (let item = 0; item < this.producer.pushed; item++)
      expect(noted(this.words, TAKEN + item) === 1, `item ${item} was lost`)
  }
}

class FifoScenario implements Scenario {
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
    store(words, BACK, LAST)
    store(words, FRONT, LAST)
    const consumers = this.rules.consumers.map((plan, i) => new FifoTake(words, this.rules, plan, i + 1))
    return new FifoPlay(words, new FifoPush(words, this.rules), consumers)
  }
}

class SpscPush implements Script {
  readonly name = 'producer'
  readonly ring: RingProducer
  readonly plan: string
  pushed = 0

  constructor(words: Int32Array, plan: string, capacity: number) {
    this.plan = plan
    this.ring = new RingProducer(words, BACK, FRONT, ITEMS, capacity)
  }

  run(): void {
    for (const what of this.plan) {
      if (what === 'p') this.ring.publish()
      else if (this.ring.tryPush(this.pushed)) this.pushed++
    }
    this.ring.publish()
  }
}

class SpscTake implements Script {
  readonly name = 'consumer'
  readonly words: Int32Array
  readonly ring: RingConsumer
  readonly plan: string
  taken = 0

  constructor(words: Int32Array, plan: string, capacity: number) {
    this.words = words
    this.plan = plan
    this.ring = new RingConsumer(words, BACK, FRONT, ITEMS, capacity)
  }

  run(): void {
    this.ring.resume()
    for (const what of this.plan) {
      if (what === 'r') this.ring.release()
      else this.accept(what === 'p' ? this.ring.pop() : this.ring.take())
    }
  }

  accept(item: number): void {
    if (item === EMPTY) return
    expect(item === this.taken, `item ${item} came after ${this.taken} others`)
    this.taken++
    take(this.words, item)
  }
}

class SpscPlay implements Play {
  readonly scripts: readonly Script[]
  readonly producer: SpscPush
  readonly consumer: SpscTake

  constructor(producer: SpscPush, consumer: SpscTake) {
    this.producer = producer
    this.consumer = consumer
    this.scripts = [producer, consumer]
  }

  end(): void {
    for (let item = this.consumer.ring.pop(); item !== EMPTY; item = this.consumer.ring.pop())
      this.consumer.accept(item)
    expect(this.consumer.taken === this.producer.pushed, 'an item was lost')
  }
}

class SpscScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly capacity: number
  readonly producer: string
  readonly consumer: string
  readonly bytes = WORDS * 4

  constructor(name: string, tier: 'quick' | 'deep', capacity: number, producer: string, consumer: string) {
    this.name = name
    this.tier = tier
    this.capacity = capacity
    this.producer = producer
    this.consumer = consumer
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    store(words, BACK, LAST)
    store(words, FRONT, LAST)
    return new SpscPlay(
      new SpscPush(words, this.producer, this.capacity),
      new SpscTake(words, this.consumer, this.capacity),
    )
  }
}

export const scenarios: readonly Scenario[] = [
  new FifoScenario('fifo: two consumers, full', 'quick', { capacity: 2, producer: '++++', consumers: ['tt', 't'] }),
  new FifoScenario('fifo: runs against one by one', 'quick', { capacity: 2, producer: '2++', consumers: ['r', 't'] }),
  new FifoScenario('fifo: the producer takes too', 'quick', { capacity: 2, producer: '2-+-', consumers: ['tt'] }),
  new FifoScenario('fifo: two runs', 'deep', { capacity: 4, producer: '2+2+', consumers: ['rr', 'rr'] }),
  new FifoScenario('fifo: three consumers', 'deep', { capacity: 2, producer: '+++-', consumers: ['tt', 'r', 't'] }),
  new SpscScenario('spsc: full and empty', 'quick', 1, '++p+p++', 'pppppp'),
  new SpscScenario('spsc: batches', 'quick', 2, '++p+++p++', 'ttrttrtttr'),
]
