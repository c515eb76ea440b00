/**
 * All executions of a scenario: depth first over who goes next, each execution from the start again (a generator cannot be
 * copied), none beyond a state that was seen before.
 *
 * Switching away from a thread that could go on costs one of the scenario's preemptions, where they are bounded (Musuvathi
 * and Qadeer, PLDI 2007); a switch at a wait, an end or a death is free. Without a bound all schedules are explored.
 */
import { apply, CHOOSE, choiceOf, DIE, eventOf, GO, TIME_OUT, threadOf } from './choices.js'
import { SeenStates } from './hashing.js'
import { describe, judgeEnd, placeOf } from './judge.js'
import { Trail } from './livelock.js'
import { Machine, MOST_STEPS } from './machine.js'
import type { Scenario } from './scenario.js'
import type { Site } from './sites.js'
import { Failure, type Thread } from './thread.js'
import { type Tolerated, toleratedRace } from './tolerated.js'

export interface Outcome {
  readonly scenario: string
  readonly failure: string | undefined
  /** The choices that lead to it. */
  readonly schedule: readonly number[]
  /** States that differ. */
  readonly states: number
  readonly executions: number
  readonly steps: number
  /** Choices of the longest execution. */
  readonly longest: number
  /** False when a limit on states or time ended it. */
  readonly isExhausted: boolean
  readonly preemptions: number | undefined
  readonly seconds: number
  readonly tolerated: readonly Tolerated[]
}

const UNBOUNDED = 100
const FIRST_BOUNDS = 2
const MOST_CHOICES = 16
const SAVED_WORDS = 2 + 2 * 7 // for seven threads

export interface Limits {
  readonly states: number
  readonly seconds: number
}

export class Explorer {
  readonly #machine: Machine
  readonly #scenario: Scenario
  readonly #limits: Limits
  readonly #tolerated = new Set<Tolerated>()
  readonly #judged = new Set<string>()
  #preemptions: number
  #seen = new SeenStates()
  #steps = 0
  #executions = 0
  #longest = 0

  // By depth: the choice taken, and what else could have been.
  readonly #path = new Int32Array(MOST_STEPS + 1)
  readonly #choices = new Int32Array((MOST_STEPS + 1) * MOST_CHOICES)
  readonly #counts = new Int32Array(MOST_STEPS + 1)
  readonly #taken = new Int32Array(MOST_STEPS + 1)
  /** Preemptions left before the choice. */
  readonly #left = new Int32Array(MOST_STEPS + 1)
  /** Hashes before the choice. */
  readonly #saved = new Int32Array((MOST_STEPS + 1) * SAVED_WORDS)
  #depth = 0
  readonly #key = new Int32Array(2)
  readonly #trail = new Trail(MOST_STEPS + 1)

  constructor(scenario: Scenario, sites: readonly Site[], limits: Limits) {
    this.#scenario = scenario
    this.#limits = limits
    this.#machine = new Machine(scenario, sites)
    this.#preemptions = scenario.preemptions ?? UNBOUNDED
  }

  explore(): Outcome {
    const startedAt = performance.now()
    const bound = this.#preemptions
    // Few switches first: the first failure is the simplest, and most words that are shared are soon known to be.
    let found: Outcome | undefined
    for (this.#preemptions = 0; this.#preemptions < Math.min(bound, FIRST_BOUNDS); this.#preemptions++) {
      found = this.#explore(startedAt)
      if (found.failure !== undefined) break
    }
    if (found?.failure === undefined) {
      this.#preemptions = bound
      found = this.#explore(startedAt)
    }
    return { ...found, seconds: (performance.now() - startedAt) / 1000 }
  }

  #explore(startedAt: number): Outcome {
    const machine = this.#machine
    let failure: string | undefined
    let isExhausted = true
    try {
      this.#start()
      for (;;) {
        if (this.#seen.size > this.#limits.states || performance.now() - startedAt > this.#limits.seconds * 1000) {
          isExhausted = false
          break
        }
        if (machine.mustRestart) this.#start()
        this.#extend()
        if (!machine.mustRestart && !this.#next()) break
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failure = describe(error)
    }
    return {
      scenario: this.#scenario.name,
      failure,
      schedule: failure === undefined ? [] : this.#expanded(),
      states: this.#seen.size,
      executions: this.#executions,
      steps: this.#steps,
      longest: this.#longest,
      isExhausted,
      preemptions: this.#preemptions === UNBOUNDED ? undefined : this.#preemptions,
      seconds: 0,
      tolerated: [...this.#tolerated],
    }
  }

  /** The schedule step by step, as one who knows nothing of words that are a thread's own has to follow it. */
  #expanded(): number[] {
    const machine = this.#machine
    const schedule: number[] = []
    let way = 0
    machine.onTurn = ({ number }) => {
      schedule.push(choiceOf(number, way === 0 ? GO : way))
      way = 0
    }
    try {
      machine.reset()
      for (let i = 0; i < this.#depth; i++) {
        const choice = this.#path[i] as number
        const event = eventOf(choice)
        if (event === DIE || event === TIME_OUT) schedule.push(choice)
        else way = event
        apply(machine, choice)
      }
    } catch {
      // it ends as it did before
    }
    machine.onTurn = undefined
    return schedule
  }

  #start(): void {
    this.#machine.mustRestart = false
    this.#machine.races.clear()
    this.#judged.clear()
    this.#seen = new SeenStates()
    this.#depth = 0
    this.#machine.reset()
    this.#judgeRaces()
  }

  /** From the state that the machine is in to the end of an execution, or to a state that was seen. */
  #extend(): void {
    const machine = this.#machine
    this.#executions++
    for (;;) {
      const { threads } = machine
      const last = this.#depth === 0 ? undefined : threads[threadOf(this.#path[this.#depth - 1] as number)]
      const left = this.#leftNow(last)
      const mayGoOn = last !== undefined && machine.isEnabled(last)
      machine.hash(this.#key)
      this.#trail.note(this.#depth, this.#key[0] as number, this.#key[1] as number, this.#enabled())
      // Which thread went last counts only where a switch may cost something.
      const mark = this.#preemptions !== UNBOUNDED && mayGoOn ? last.number + 1 : 0
      const key = (this.#key[0] as number) ^ Math.imul(mark, 0x632be5ab)
      if (this.#seen.has(key, this.#key[1] as number, left)) {
        this.#judgeCycle()
        return
      }
      this.#left[this.#depth] = left
      const count = this.#listChoices(mayGoOn ? last : undefined, left)
      this.#counts[this.#depth] = count
      machine.save(this.#saved, this.#depth * SAVED_WORDS)
      this.#taken[this.#depth] = 0
      if (machine.isAtEnd) {
        judgeEnd(machine)
        if (count === 0) return
        // A death or a limit may still come: in an execution of its own, for the end may have changed things.
        this.#taken[this.#depth] = -1
        this.#depth++
        return
      }
      this.#take(this.#choices[this.#depth * MOST_CHOICES] as number)
      if (machine.mustRestart) return
    }
  }

  /** A bit for each thread that can go on. */
  #enabled(): number {
    let mask = 0
    for (const thread of this.#machine.threads) if (this.#machine.isEnabled(thread)) mask |= 1 << thread.number
    return mask
  }

  #judgeCycle(): void {
    if (this.#trail.isLivelock(this.#depth, (at) => threadOf(this.#path[at] as number)))
      throw new Failure('livelock: a state comes again although all that could have gone on')
  }

  /** Preemptions left after the choice taken last. */
  #leftNow(last: Thread | undefined): number {
    if (this.#depth === 0 || last === undefined) return Math.min(this.#preemptions, UNBOUNDED)
    return this.#left[this.#depth] as number
  }

  #listChoices(last: Thread | undefined, left: number): number {
    const machine = this.#machine
    const first = this.#depth * MOST_CHOICES
    let count = 0
    const add = (choice: number): void => {
      if (count === MOST_CHOICES) throw new Error('more choices than there is room for')
      this.#choices[first + count++] = choice
    }
    const addSteps = (thread: Thread): void => {
      const ways = machine.waysOf(thread)
      for (let way = 0; way < ways; way++) add(choiceOf(thread.number, ways === 1 ? GO : CHOOSE + way))
    }
    if (last !== undefined) addSteps(last)
    const maySwitch = last === undefined || left > 0
    for (const thread of machine.threads) {
      if (maySwitch && thread !== last && machine.isEnabled(thread)) addSteps(thread)
      if (machine.canDie(thread)) add(choiceOf(thread.number, DIE))
      if (maySwitch && machine.timeoutsLeft > 0 && machine.canTimeOut(thread)) add(choiceOf(thread.number, TIME_OUT))
    }
    return count
  }

  #take(choice: number): void {
    const machine = this.#machine
    const depth = this.#depth
    const last = depth === 0 ? undefined : machine.threads[threadOf(this.#path[depth - 1] as number)]
    const thread = machine.threads[threadOf(choice)] as Thread
    const isPreemption =
      this.#preemptions !== UNBOUNDED &&
      eventOf(choice) !== DIE &&
      last !== undefined &&
      last !== thread &&
      machine.isEnabled(last)
    this.#left[depth + 1] = (this.#left[depth] as number) - (isPreemption ? 1 : 0)
    this.#path[depth] = choice
    this.#depth = depth + 1
    if (this.#depth > this.#longest) this.#longest = this.#depth
    apply(machine, choice)
    this.#steps++
    this.#judgeRaces()
  }

  /** To the next choice that was not taken yet, by the way that leads to it. False when there is none. */
  #next(): boolean {
    let depth = this.#depth - 1
    for (; depth >= 0; depth--) {
      const taken = (this.#taken[depth] as number) + 1
      if (taken >= (this.#counts[depth] as number)) continue
      this.#taken[depth] = taken
      break
    }
    if (depth < 0) return false
    const machine = this.#machine
    machine.isReplaying = true
    machine.reset()
    this.#steps += depth
    this.#depth = depth
    for (let i = 0; i < depth && !machine.mustRestart; i++) apply(machine, this.#path[i] as number)
    machine.isReplaying = false
    if (machine.mustRestart) return true
    machine.restore(this.#saved, depth * SAVED_WORDS)
    this.#take(this.#choices[depth * MOST_CHOICES + (this.#taken[depth] as number)] as number)
    return true
  }

  #judgeRaces(): void {
    const { races, sites } = this.#machine
    if (races.size === this.#judged.size) return
    for (const [key, [word, earlier, later]] of races) {
      if (this.#judged.has(key)) continue
      this.#judged.add(key)
      const [one, other] = [sites[earlier] as Site, sites[later] as Site]
      const tolerated = toleratedRace(one, other)
      if (tolerated === undefined) {
        throw new Failure(`data race on word ${word}: ${placeOf(one)} and ${placeOf(other)}`)
      }
      this.#tolerated.add(tolerated)
    }
  }
}
