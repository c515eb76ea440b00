/** Mistakes on purpose: what the checker must find, in every way it looks. Run by its own test only. */
import { compareExchange, load, notify, peek, poke, store, wait, waitAsync } from '#atomics'
import { checkpoint, expect, note, settled } from '../operations.js'
import type { Scenario, Script } from '../scenario.js'

const FLAG = 0
const WAITER = 1
const DATA = 2
const RUNS = 3

/** One of the roles below, told apart by name: a script is a class, and a class for each would say no more. */
class Actor implements Script {
  readonly name: string
  readonly isMortal: boolean
  readonly words: Int32Array

  constructor(words: Int32Array, name: string, isMortal: boolean) {
    this.words = words
    this.name = name
    this.isMortal = isMortal
  }

  run(): void {
    checkpoint()
    const { words } = this
    if (this.name.startsWith('claimer')) checkThenAct(words)
    else if (this.name === 'sleeper') sleepWithoutLook(words)
    else if (this.name === 'waker') wakeIfWaiting(words)
    else if (this.name === 'writer') writeAndPublish(words)
    else if (this.name === 'reader') readBeforeObserving(words)
    else if (this.name === 'async') settled(waitAsync(words, FLAG, 0, Number.POSITIVE_INFINITY) as never)
    else if (this.name === 'sync') wait(words, FLAG, 0, Number.POSITIVE_INFINITY)
    else if (this.name === 'holder') holdAndLetGo(words)
    else if (this.name === 'follower') follow(words)
    else turnForEver(words)
  }
}

function turnForEver(words: Int32Array): void {
  for (;;) store(words, FLAG, 1 - load(words, FLAG))
}

function checkThenAct(words: Int32Array): void {
  if (load(words, FLAG) !== 0) return
  store(words, FLAG, 1)
  expect(note(words, RUNS, 1) === 1, 'it ran twice')
}

/** Two of these give way to each other, and then both try again. */
class Polite extends Actor {
  override run(): void {
    const { words } = this
    const [mine, other] = this.name === 'polite 1' ? [FLAG, DATA] : [DATA, FLAG]
    for (;;) {
      checkpoint()
      store(words, mine, 1)
      if (load(words, other) === 0) break
      store(words, mine, 0)
    }
    store(words, mine, 0)
  }
}

/** Looks again and again: for ever only if the other thread never goes on. */
class Spinner extends Actor {
  override run(): void {
    for (;;) {
      checkpoint()
      if (load(this.words, FLAG) === 1) return
    }
  }
}

function actorOf(words: Int32Array, name: string, isMortal: boolean): Actor {
  if (name.startsWith('polite')) return new Polite(words, name, isMortal)
  return name === 'spinner' ? new Spinner(words, name, isMortal) : new Actor(words, name, isMortal)
}

/** Looks, and only then says that it waits. */
function sleepWithoutLook(words: Int32Array): void {
  if (load(words, DATA) === 1) return
  store(words, WAITER, 1)
  wait(words, FLAG, 0, Number.POSITIVE_INFINITY)
}

function wakeIfWaiting(words: Int32Array): void {
  store(words, DATA, 1)
  if (load(words, WAITER) === 0) return
  store(words, FLAG, 1)
  notify(words, FLAG, 1)
}

function writeAndPublish(words: Int32Array): void {
  poke(words, DATA, 1)
  store(words, FLAG, 1)
}

function readBeforeObserving(words: Int32Array): void {
  peek(words, DATA)
  load(words, FLAG)
}

function holdAndLetGo(words: Int32Array): void {
  compareExchange(words, FLAG, 0, 1)
  store(words, DATA, 1)
  store(words, FLAG, 2)
  notify(words, FLAG, 1)
}

/** Relies on the holder: nobody looks after it when it dies. */
function follow(words: Int32Array): void {
  for (let seen = load(words, FLAG); seen !== 2; seen = load(words, FLAG))
    wait(words, FLAG, seen, Number.POSITIVE_INFINITY)
}

function planted(name: string, actors: readonly string[], deaths = 0): Scenario {
  const begin = (buffer: SharedArrayBuffer) => {
    const words = new Int32Array(buffer)
    return { scripts: actors.map((actor) => actorOf(words, actor, deaths > 0 && actor === 'holder')) }
  }
  return { name: `planted: ${name}`, tier: 'planted', bytes: 64, deaths, begin }
}

export const scenarios: readonly Scenario[] = [
  planted('double run', ['claimer 1', 'claimer 2']),
  planted('lost wake-up', ['sleeper', 'waker']),
  planted('data race', ['writer', 'reader']),
  planted('both kinds of waiters', ['async', 'sync']),
  planted('a death that nobody mends', ['holder', 'follower'], 1),
  planted('no death', ['holder', 'follower']),
  planted('endless', ['turner', 'follower']),
  planted('livelock', ['polite 1', 'polite 2']),
  planted('no livelock', ['writer', 'spinner']),
]
