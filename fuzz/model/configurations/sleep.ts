/** Latch and doorbell: who waits, sync or async, is woken. */
import { load, store } from '#atomics'
import { Doorbell, Latch } from '../../../lib/ring-buffer/index.js'
import { checkpoint, expect, settled } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

const WORD = 0
const WORK = 1

class Setter implements Script {
  readonly name = 'setter'
  readonly isMortal = false
  readonly words: Int32Array
  readonly latch: Latch
  readonly again: boolean

  constructor(words: Int32Array, again: boolean) {
    this.words = words
    this.latch = new Latch(words, WORD)
    this.again = again
  }

  run(): void {
    store(this.words, WORK, 1)
    this.latch.set()
    if (this.again) this.latch.set()
  }
}

class LatchWaiter implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly latch: Latch
  readonly isAsync: boolean

  constructor(name: string, words: Int32Array, isAsync: boolean) {
    this.name = name
    this.words = words
    this.latch = new Latch(words, WORD)
    this.isAsync = isAsync
  }

  run(): void {
    const passed = this.isAsync ? settled(this.latch.waitAsync()) : this.latch.wait()
    expect(passed, 'it was let through and the latch is not set')
    expect(load(this.words, WORK) === 1, 'what came before set is not seen')
  }
}

class LatchScenario implements Scenario {
  readonly name: string
  readonly tier = 'quick'
  readonly bytes = 64
  readonly waiters: readonly boolean[]
  readonly setters: number

  constructor(name: string, waiters: readonly boolean[], setters: number) {
    this.name = name
    this.waiters = waiters
    this.setters = setters
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    const scripts: Script[] = this.waiters.map((isAsync, i) => new LatchWaiter(`waiter ${i}`, words, isAsync))
    for (let i = 0; i < this.setters; i++) scripts.push(new Setter(words, i === 0 && this.setters > 1))
    return { scripts }
  }
}

class Ringer implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly work: number
  readonly bell: Doorbell

  constructor(words: Int32Array, number: number) {
    this.name = `ringer ${number}`
    this.words = words
    this.work = WORK + number
    this.bell = new Doorbell(words, WORD)
  }

  run(): void {
    store(this.words, this.work, 1)
    this.bell.ring()
  }
}

/** Looks until it has seen the work of all ringers: a ring that is missed is a deadlock. */
class BellWaiter implements Script {
  readonly name: string
  readonly words: Int32Array
  readonly bell: Doorbell
  readonly ringers: number
  readonly isAsync: boolean

  constructor(name: string, words: Int32Array, ringers: number, isAsync: boolean) {
    this.name = name
    this.words = words
    this.ringers = ringers
    this.isAsync = isAsync
    this.bell = new Doorbell(words, WORD)
  }

  run(): void {
    for (;;) {
      checkpoint()
      if (this.isDone()) return
      const seen = this.bell.prepare()
      if (this.isDone()) {
        this.bell.cancel()
        return
      }
      const outcome = this.isAsync ? settled(this.bell.commitAsync(seen)) : this.bell.commit(seen)
      expect(outcome === 'rung', 'a wait without a limit timed out')
    }
  }

  isDone(): boolean {
    for (let ringer = 0; ringer < this.ringers; ringer++) if (load(this.words, WORK + ringer) === 0) return false
    return true
  }
}

class BellScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = 64
  readonly ringers: number
  readonly waiters: readonly boolean[]

  constructor(name: string, tier: 'quick' | 'deep', ringers: number, waiters: readonly boolean[]) {
    this.name = name
    this.tier = tier
    this.ringers = ringers
    this.waiters = waiters
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    const scripts: Script[] = this.waiters.map(
      (isAsync, i) => new BellWaiter(`waiter ${i}`, words, this.ringers, isAsync),
    )
    for (let i = 0; i < this.ringers; i++) scripts.push(new Ringer(words, i))
    return { scripts }
  }
}

const SYNC = false
const ASYNC = true

export const scenarios: readonly Scenario[] = [
  new LatchScenario('latch: two sync waiters', [SYNC, SYNC], 2),
  new LatchScenario('latch: one setter', [SYNC, SYNC], 1),
  new LatchScenario('latch: two async waiters', [ASYNC, ASYNC], 2),
  new BellScenario('doorbell: a sync waiter, two ringers', 'quick', 2, [SYNC]),
  new BellScenario('doorbell: an async waiter, two ringers', 'quick', 2, [ASYNC]),
  new BellScenario('doorbell: two waiters', 'quick', 2, [SYNC, SYNC]),
  new BellScenario('doorbell: three ringers, two waiters', 'deep', 3, [ASYNC, ASYNC]),
]
