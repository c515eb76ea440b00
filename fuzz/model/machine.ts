/**
 * Runs one execution of a scenario, step by step: what each thread is about to do, and what comes of it. The explorer decides
 * who goes next.
 *
 * A thread is deterministic given what its steps have returned, so the hash of that stands for its stack and its heap.
 */
import { mix, mixOther } from './hashing.js'
import { Memory } from './memory.js'
import { Races } from './races.js'
import { isGenerator, request, SettlingPromise, setMachine } from './runtime.js'
import type { Play, Scenario } from './scenario.js'
import type { Site } from './sites.js'
import { BLOCKED, DEAD, ENDED, Failure, READY, type Steps, Thread, WOKEN } from './thread.js'
import { hashOfVariables } from './variables.js'
import { Waiters } from './waiters.js'

/** An access at a place that no thread but one was seen to touch is no reason to let others go first. */
const SHARED = 127

/** Steps of one execution: more are taken for an endless loop. */
export const MOST_STEPS = 5000

export type OnStep = (thread: Thread, site: number, address: number, a: number, b: number, result: unknown) => void

export class Machine {
  readonly scenario: Scenario
  readonly sites: readonly Site[]
  readonly words: Int32Array
  threads: Thread[] = []
  play: Play | undefined
  deathsLeft = 0
  timeoutsLeft = 0
  steps = 0
  /** After each step, and before. */
  onStep: OnStep | undefined
  onTurn: ((thread: Thread) => void) | undefined
  /** Accesses to a thread's own words are taken together with the step before: see `#isOwn`. */
  isEager = true
  /** On a way that was gone before: hashes are left as they are, for `restore` knows them. */
  isReplaying = false
  /** Races that were seen, as "earlier,later" sites: for the explorer to judge. */
  readonly races = new Map<string, readonly [number, number, number]>()
  /** A word was taken to be one thread's own, and is not. */
  mustRestart = false

  readonly #memory: Memory
  /** By word: the one thread that touches it + 1, SHARED, or 0. Kept from one execution to the next. */
  readonly #owners: Int8Array
  readonly #wasSkipped: Uint8Array
  #races: Races | undefined
  readonly #waiters = new Waiters()
  #unreported = 0
  /** Plain reads since the last step. */
  #peeks = 0
  #current: Thread | undefined
  readonly #pair = new Int32Array(2)
  readonly #double = new Float64Array(this.#pair.buffer)
  readonly #ignoredFields: ReadonlySet<string>

  constructor(scenario: Scenario, sites: readonly Site[]) {
    this.scenario = scenario
    this.sites = sites
    this.#memory = new Memory(scenario)
    this.words = this.#memory.words
    const { length } = this.words
    this.#owners = new Int8Array(length)
    this.#wasSkipped = new Uint8Array(length)
    this.#ignoredFields = new Set(scenario.ignoredFields ?? [])
    setMachine(this)
  }

  /** Everything as at the start of an execution, each thread before its first step. */
  reset(): void {
    this.#memory.reset()
    this.#waiters.reset()
    this.#unreported = 0
    this.deathsLeft = this.scenario.deaths ?? 0
    this.timeoutsLeft = this.scenario.timeouts ?? 0
    this.steps = 0
    this.#peeks = 0
    this.#current = undefined
    this.play = this.alone(() => this.scenario.begin(this.#memory.buffer)) as Play
    this.threads = this.play.scripts.map((script, number) => new Thread(script, number))
    this.#races ??= new Races(this.words.length, this.threads.length, (word, earlier, later) => {
      const key = `${earlier},${later}`
      if (!this.races.has(key)) this.races.set(key, [word, earlier, later])
    })
    this.#races.reset()
    for (const thread of this.threads) {
      this.#current = thread
      const steps: unknown = thread.script.run()
      if (!isGenerator(steps)) throw new Error(`script "${thread.script.name}" takes no step`)
      thread.steps = steps
      this.#resume(thread, undefined)
    }
  }

  /** Runs what may take steps to its end, with nobody else. */
  alone(body: () => unknown): unknown {
    const before = this.#current
    this.#current = undefined
    let result = body()
    if (isGenerator(result)) {
      const steps: Steps = result
      let next = steps.next()
      while (!next.done) {
        const { site, words, index, a, b } = request
        next = steps.next(this.#apply(site, words === undefined ? -1 : this.#memory.addressOf(words, index), a, b))
      }
      result = next.value
    }
    this.#current = before
    return result
  }

  isEnabled(thread: Thread): boolean {
    if (thread.status === WOKEN) return true
    if (thread.status !== READY) return false
    const { operation } = this.sites[thread.site] as Site
    if (operation === 'settled') return thread.promise?.outcome !== undefined
    if (operation === 'pause') return thread.changes !== this.#memory.changes
    if (operation === 'turn') return this.#hearsDeath(thread) || this.#hasNews(thread)
    return operation !== 'nextDeath' || this.#unreported > 0
  }

  /** Number of ways in which the thread's next step may go: for `choose`, and for a turn that has news and a death to tell. */
  waysOf(thread: Thread): number {
    if (thread.status !== READY) return 1
    const operation = this.#operationOf(thread)
    if (operation === 'choose') return thread.a
    return operation === 'turn' && this.#hearsDeath(thread) && this.#hasNews(thread) ? 2 : 1
  }

  #hearsDeath(thread: Thread): boolean {
    return thread.script.hearsDeaths === true && this.#unreported > 0
  }

  #hasNews(thread: Thread): boolean {
    return this.#waiters.hasNews(thread)
  }

  canDie(thread: Thread): boolean {
    if (thread.status >= ENDED) return false
    return thread.isDoomed || (thread.script.isMortal === true && this.deathsLeft > 0)
  }

  /** No thread can go on, and none is about to be terminated. */
  get isAtEnd(): boolean {
    return !this.threads.some((thread) => this.isEnabled(thread) || (thread.isDoomed && thread.status < ENDED))
  }

  canTimeOut(thread: Thread): boolean {
    return this.#waiters.canTimeOut(thread)
  }

  /** The thread takes its next step; `way` is for `choose`. */
  step(thread: Thread, way: number): void {
    this.#current = thread
    this.#peeks = 0
    if (++this.steps > MOST_STEPS) throw new Failure(`no end after ${MOST_STEPS} steps`)
    let result: unknown
    const { site, address, a, b } = thread
    this.onTurn?.(thread)
    if (thread.status === WOKEN) {
      thread.status = READY
      result = thread.outcome
      if (result !== 'death') this.#races?.waiterList(thread.number, address)
    } else {
      result = this.#perform(thread, way)
      if (thread.status === BLOCKED) {
        this.onStep?.(thread, site, address, a, b, 'sleeps')
        return
      }
    }
    this.onStep?.(thread, site, address, a, b, result)
    this.#observe(thread, site, result)
    this.#resume(thread, result)
  }

  die(thread: Thread): void {
    if (!thread.isDoomed) this.deathsLeft--
    this.#bury(thread)
  }

  #bury(thread: Thread): void {
    thread.status = DEAD
    thread.steps = undefined
    thread.site = 0
    thread.low = 0 // what it has seen decides nothing any more
    thread.high = 0
    this.#unreported++
    this.#waiters.forget(thread)
    for (const other of this.threads) {
      if (other.status === BLOCKED && this.#operationOf(other) === 'waitOrDeath') this.#waiters.interrupt(other)
    }
  }

  timeOut(thread: Thread): void {
    this.timeoutsLeft--
    this.#waiters.timeOut(thread)
  }

  /** Into `into[0]` and `into[1]`: all that decides how the execution may go on, but for what the explorer counts. */
  hash(into: Int32Array): void {
    let { low, high } = this.#memory
    for (const thread of this.threads) {
      const flags = (thread.isReported ? 8 : 0) | (thread.changes === this.#memory.changes ? 128 : 0)
      const doom = thread.isDoomed ? 256 : 0
      const state = thread.status | flags | doom | (this.#outcomeOf(thread) << 4) | (thread.site << 9)
      low = mix(mix(low, thread.low), state)
      high = mixOther(mixOther(high, thread.high), state)
    }
    into[0] = low
    into[1] = high
    this.#waiters.hash(into)
    const counts = this.deathsLeft | (this.timeoutsLeft << 8)
    into[0] = mix(into[0] as number, counts)
    into[1] = mixOther(into[1] as number, counts)
  }

  /** Writes the hashes of memory and threads to `into`, from `at` on. */
  save(into: Int32Array, at: number): void {
    into[at] = this.#memory.low
    into[at + 1] = this.#memory.high
    for (const { number, low, high } of this.threads) {
      into[at + 2 + number * 2] = low
      into[at + 3 + number * 2] = high
    }
  }

  restore(from: Int32Array, at: number): void {
    this.#memory.low = from[at] as number
    this.#memory.high = from[at + 1] as number
    for (const thread of this.threads) {
      thread.low = from[at + 2 + thread.number * 2] as number
      thread.high = from[at + 3 + thread.number * 2] as number
    }
  }

  // ---- what transformed code does at once

  peek(site: number, words: Int32Array, index: number): number {
    const address = this.#memory.addressOf(words, index)
    if (++this.#peeks > MOST_STEPS) throw new Failure('an endless loop between two steps')
    if (this.#current !== undefined) {
      this.#touch(this.#current, address)
      this.#races?.plainRead(this.#current.number, address, site)
      const value = this.words[address] as number
      this.#observe(this.#current, site, value)
      return value
    }
    return this.words[address] as number
  }

  poke(site: number, words: Int32Array, index: number, value: number): void {
    const address = this.#memory.addressOf(words, index)
    if (this.#current !== undefined) {
      this.#touch(this.#current, address)
      this.#races?.plainWrite(this.#current.number, address, site)
    }
    this.#write(address, value)
  }

  peekDouble(site: number, doubles: Float64Array, index: number): number {
    const words = this.words
    this.#pair[0] = this.peek(site, words, (doubles.byteOffset >> 2) + index * 2)
    this.#pair[1] = this.peek(site, words, (doubles.byteOffset >> 2) + index * 2 + 1)
    return this.#double[0] as number
  }

  pokeDouble(site: number, doubles: Float64Array, index: number, value: number): void {
    this.#double[0] = value
    this.poke(site, this.words, (doubles.byteOffset >> 2) + index * 2, this.#pair[0] as number)
    this.poke(site, this.words, (doubles.byteOffset >> 2) + index * 2 + 1, this.#pair[1] as number)
  }

  note(words: Int32Array, index: number, by: number): number {
    const address = this.#memory.addressOf(words, index)
    this.#write(address, (this.words[address] as number) + by)
    return this.noted(words, index)
  }

  noted(words: Int32Array, index: number): number {
    const value = this.words[this.#memory.addressOf(words, index)] as number
    if (this.#current !== undefined) this.#observe(this.#current, 0, value)
    return value
  }

  checkpoint(site: number, variables: readonly unknown[]): void {
    if (this.isReplaying) return
    const thread = this.#current as Thread
    thread.low = hashOfVariables(mix(0, site), variables, this.#ignoredFields, mix)
    thread.high = hashOfVariables(mixOther(0, site), variables, this.#ignoredFields, mixOther)
  }

  // ---- steps

  /** Sends the thread the result of its step; it runs on to its next one. */
  #resume(thread: Thread, result: unknown): void {
    const steps = thread.steps as Steps
    for (let next = steps.next(result); ; ) {
      if (next.done) {
        if (thread.script.exits === true) this.#bury(thread)
        else thread.status = ENDED
        thread.low = 0
        thread.high = 0
        thread.site = 0
        return
      }
      thread.site = request.site
      thread.address = request.words === undefined ? -1 : this.#memory.addressOf(request.words, request.index)
      thread.a = request.a
      thread.b = request.b
      thread.promise = request.promise
      request.promise = undefined
      if (!this.#isOwn(thread)) return
      const { site, address, a, b } = thread
      if (++this.steps > MOST_STEPS) throw new Failure(`no end after ${MOST_STEPS} steps`)
      this.onTurn?.(thread)
      const found = this.#apply(site, address, a, b)
      this.onStep?.(thread, site, address, a, b, found)
      this.#observe(thread, site, found)
      next = steps.next(found)
    }
  }

  /** A word that only this thread ever touches: no other thread can tell when it does. */
  #isOwn(thread: Thread): boolean {
    const { address } = thread
    if (address < 0 || !this.isEager) return false
    const { operation } = this.sites[thread.site] as Site
    if (operation === 'wait' || operation === 'waitAsync' || operation === 'waitOrDeath') return false
    this.#touch(thread, address)
    if (this.#owners[address] === SHARED) return false
    this.#wasSkipped[address] = 1
    return true
  }

  #touch(thread: Thread, address: number): void {
    const owner = this.#owners[address]
    if (owner === SHARED || owner === thread.number + 1) return
    if (owner === 0) this.#owners[address] = thread.number + 1
    else {
      this.#owners[address] = SHARED
      if (this.#wasSkipped[address] === 1) this.mustRestart = true
    }
  }

  #perform(thread: Thread, way: number): unknown {
    const { site, address, a, b } = thread
    switch (this.#operationOf(thread)) {
      case 'choose':
        return way
      case 'pause':
        thread.changes = this.#memory.changes
        return undefined
      case 'settled': {
        const promise = thread.promise as SettlingPromise
        this.#waiters.takeNewsOf(promise)
        return promise.outcome
      }
      case 'turn': {
        const promise = way === 1 ? undefined : this.#waiters.takeNews(thread)
        return promise ?? this.#reportDeath(thread)
      }
      case 'nextDeath':
        return this.#reportDeath(thread)
      case 'terminate':
        ;(this.threads[thread.a] as Thread).isDoomed = true
        return undefined
      case 'waitOrDeath':
        if (this.#unreported > 0) return 'death'
        return this.#wait(thread, false)
      case 'wait':
        return this.#wait(thread, b < Number.POSITIVE_INFINITY)
      case 'waitAsync': {
        this.#touch(thread, address)
        this.#races?.atomicRead(thread.number, address, site)
        this.#races?.waiterList(thread.number, address)
        if (this.words[address] !== a) return { async: false, value: 'not-equal' }
        const promise = new SettlingPromise()
        this.#waiters.sleep({ address, thread, promise, isLimited: b < Number.POSITIVE_INFINITY })
        return { async: true, value: promise }
      }
      default:
        return this.#apply(site, address, a, b)
    }
  }

  #reportDeath(thread: Thread): number {
    const dead = this.threads.find((one) => one.status === DEAD && !one.isReported) as Thread
    dead.isReported = true
    this.#unreported--
    this.#races?.told(thread.number, dead.number)
    return dead.number
  }

  #wait(thread: Thread, isLimited: boolean): unknown {
    const { site, address, a } = thread
    this.#touch(thread, address)
    this.#races?.atomicRead(thread.number, address, site)
    this.#races?.waiterList(thread.number, address)
    if (this.words[address] !== a) return 'not-equal'
    if (isLimited && thread.b === 0) return 'timed-out'
    this.#waiters.sleep({ address, thread, promise: undefined, isLimited })
    return undefined
  }

  /** An operation that neither waits nor chooses. Without a current thread: part of the beginning or the end. */
  #apply(site: number, address: number, a: number, b: number): unknown {
    const { operation } = this.sites[site] as Site
    const t = this.#current?.number
    const found = this.words[address] as number
    if (this.#current !== undefined) this.#touch(this.#current, address)
    switch (operation) {
      case 'load':
        if (t !== undefined) this.#races?.atomicRead(t, address, site)
        return found
      case 'store':
        if (t !== undefined) this.#races?.atomicStore(t, address, site)
        this.#write(address, a)
        return undefined
      case 'compareExchange':
        if (t !== undefined && found !== (a | 0)) this.#races?.atomicRead(t, address, site)
        if (found !== (a | 0)) return found
        this.#update(t, address, site, b)
        return found
      case 'add':
        this.#update(t, address, site, (found + a) | 0)
        return found
      case 'and':
        this.#update(t, address, site, found & a)
        return found
      case 'or':
        this.#update(t, address, site, found | a)
        return found
      case 'exchange':
        this.#update(t, address, site, a)
        return found
      case 'notify':
        if (t !== undefined) this.#races?.waiterList(t, address)
        return this.#waiters.notify(address, a)
      case 'peek':
        if (t !== undefined) this.#races?.plainRead(t, address, site)
        return found
      case 'poke':
        if (t !== undefined) this.#races?.plainWrite(t, address, site)
        this.#write(address, a)
        return undefined
      default:
        throw new Error(`${operation} needs other threads`)
    }
  }

  #update(t: number | undefined, address: number, site: number, value: number): void {
    if (t !== undefined) this.#races?.atomicUpdate(t, address, site)
    this.#write(address, value)
  }

  #write(address: number, value: number): void {
    this.#memory.write(address, value, !this.isReplaying)
  }

  #observe(thread: Thread, site: number, result: unknown): void {
    if (this.isReplaying) return
    const value =
      typeof result === 'number'
        ? result
        : typeof result === 'string'
          ? result.charCodeAt(0)
          : result === undefined
            ? 7
            : 11 // of a waitAsync: its promise is part of the state
    thread.low = mix(mix(thread.low, site), value)
    thread.high = mixOther(mixOther(thread.high, site), value)
  }

  #operationOf(thread: Thread): string {
    return (this.sites[thread.site] as Site).operation
  }

  #outcomeOf(thread: Thread): number {
    return thread.status === WOKEN ? thread.outcome.charCodeAt(0) & 7 : 0
  }
}
