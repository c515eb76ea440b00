/** Changes of the sources before the transform: small sizes for all models, and mutants. */

export interface Edit {
  /** Below the root. */
  readonly file: string
  /** Stands in it exactly once. */
  readonly from: string
  readonly to: string
}

const LAYOUT = 'lib/scheduler/layout.ts'
const FINDER = 'lib/scheduler/find-work.ts'
const LOOP = 'lib/workers/main-loop.ts'
const HOST = 'lib/workers/host-loop.ts'
const CHILDREN = 'lib/workers/children.ts'
const DISPATCHER = 'lib/workers/dispatcher.ts'

/** Sizes and periods small enough, times such that a clock that stands still is past them, and no dice. */
export const SMALL: readonly Edit[] = [
  { file: LAYOUT, from: 'INBOX_CAPACITY = 64', to: 'INBOX_CAPACITY = 4' },
  { file: LAYOUT, from: 'BATCH_LIMIT = 32', to: 'BATCH_LIMIT = 2' },
  { file: LAYOUT, from: 'AGING_PERIOD = 61', to: 'AGING_PERIOD = 3' },
  // A ring of completions that can be full.
  {
    file: LAYOUT,
    from: "this.ringCapacity = powerOfTwo(shape.hostSlots, 'hostSlots')",
    to: 'this.ringCapacity = Math.max(1, shape.hostSlots >> 1)',
  },
  // Generations that come round.
  { file: 'lib/ring-buffer/slot-word.ts', from: 'GENERATION_BITS = 19', to: 'GENERATION_BITS = 2' },
  { file: FINDER, from: '    this.#random = x\n', to: '' },
  { file: DISPATCHER, from: 'RESERVED_SLOTS = 256', to: 'RESERVED_SLOTS = 0' },
  { file: HOST, from: 'const LINGER_MS = 0.1', to: 'const LINGER_MS = -1' },
  { file: HOST, from: 'WOKEN_LINGER_MS = 0.3', to: 'WOKEN_LINGER_MS = -1' },
  { file: CHILDREN, from: 'JOIN_SPINS = 2_000', to: 'JOIN_SPINS = 1' },
  { file: CHILDREN, from: 'HELP_PERIOD = 64', to: 'HELP_PERIOD = 1' },
  // A joiner that finds its child done, and not recorded yet, looks again until it is.
  {
    file: CHILDREN,
    from: 'import { SyncWaitError',
    to: "import { pause } from '../../fuzz/model/operations.js'\nimport { SyncWaitError",
  },
  {
    file: CHILDREN,
    from: 'if (stateOf(word) !== RUNNING || left <= 0) return\n',
    to: 'if (stateOf(word) !== RUNNING || left <= 0) {\n      pause()\n      return\n    }\n',
  },
  // A microtask is a turn like any other: nothing of this thread runs in between.
  { file: HOST, from: 'void RESOLVED.then(this.#flush)', to: 'this.#turns.next(this.#flush)' },
  // A callback that takes steps.
  {
    file: HOST,
    from: "} from '../scheduler/index.js'",
    to: "} from '../scheduler/index.js'\nimport { invoke } from '../../fuzz/model/operations.js'",
  },
  { file: HOST, from: 'watch() // park: until ringHost', to: 'invoke(watch)' },
  // Between two rounds of its loop a worker depends on its fields alone.
  {
    file: LOOP,
    from: "} from '#atomics'",
    to: "} from '#atomics'\nimport { checkpoint } from '../../fuzz/model/operations.js'",
  },
  {
    file: LOOP,
    from: '      const next = this.step()\n',
    to: '      checkpoint()\n      const next = this.step()\n',
  },
]

/** @throws Error when the text does not hold `from` exactly once: an edit that has lost its place proves nothing */
export function applyEdit(text: string, edit: Edit): string {
  const parts = text.split(edit.from)
  if (parts.length !== 2) throw new Error(`${edit.file} holds ${parts.length - 1} times, and not once: ${edit.from}`)
  return parts.join(edit.to)
}
