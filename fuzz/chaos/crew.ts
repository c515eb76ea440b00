/** The threads of one pool of chaos, and its memory, seen through the boot records that the pool sends them. */
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { load } from '#atomics'
import { CONDEMNED, QUEUED, RUNNING, stateOf } from '../../lib/ring-buffer/index.js'
import {
  hasChildren,
  LISTENING,
  LIVE,
  SEARCHING,
  SLEEPING,
  STATE,
  TeamMemory,
  type TeamShape,
} from '../../lib/scheduler/index.js'

const ENTRY = new URL('./entry.js', import.meta.url)

interface Boot {
  readonly shape: TeamShape
  readonly buffer: SharedArrayBuffer
}

export class Crew {
  readonly alive: Worker[] = []
  readonly #options: WorkerOptions
  #memory: TeamMemory | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** For `createWorker`. */
  readonly create = (): Worker => {
    const worker = new Worker(ENTRY, this.#options)
    const post = worker.postMessage
    worker.postMessage = (value, transfer) => {
      const boot = (value as { makeparallel?: Boot }).makeparallel
      if (boot !== undefined) this.#memory ??= new TeamMemory(boot.shape, boot.buffer)
      post.call(worker, value, transfer as [])
    }
    this.alive.push(worker)
    worker.on('exit', () => void this.alive.splice(this.alive.indexOf(worker), 1))
    return worker
  }

  /** What is not as it has to be when nothing is left to do; undefined when all is well. */
  unrest(): string | undefined {
    const memory = this.#memory
    if (memory === undefined) return undefined
    const { words } = memory
    for (let id = 0; id < memory.slotCount; id++) {
      const word = load(words, memory.slot(id) + STATE)
      const state = stateOf(word)
      if (state === QUEUED || state === RUNNING || state === CONDEMNED) return `slot ${id} is ${word.toString(16)}`
    }
    if (hasChildren(memory)) return 'a hint lies in a deque'
    const [live, sleeping] = [load(words, LIVE), load(words, SLEEPING)]
    if (live !== sleeping) return `live ${live.toString(2)}, sleeping ${sleeping.toString(2)}`
    if (load(words, SEARCHING) !== 0) return `searching ${load(words, SEARCHING).toString(2)}`
    if (load(words, LISTENING) !== 0) return `listening ${load(words, LISTENING).toString(2)}`
    return undefined
  }
}
