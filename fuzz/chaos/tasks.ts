import { add, load } from '#atomics'
import { parallel, workerData } from '../../lib/index.js'
import { blocksInUse } from './blocks-in-use.js'

/** What the tasks of one pool tell its round, in shared memory: `workerData` of the pool. */
export interface Ledger {
  /** How often each task has started, by its number. */
  readonly starts: Int32Array
  /** Workers whose next `setup` is to fail, and those that are to die while they load the module `doomed.ts`. */
  readonly doomed: Int32Array
}

export const DOOMED_SETUP = 0
export const DOOMED_LOAD = 1

export function newLedger(tasks: number): Ledger {
  return {
    starts: new Int32Array(new SharedArrayBuffer(tasks * 4)),
    doomed: new Int32Array(new SharedArrayBuffer(8)),
  }
}

/** Named points at which a worker dies by its own code. */
export const DEATHS = [
  'exit',
  'throw outside',
  'reject outside',
  'in its result',
  'after its result',
  'memory',
] as const
export type Death = (typeof DEATHS)[number]

function note(task: number): void {
  add((workerData as Ledger).starts, task, 1)
}

function spin(us: number): void {
  const end = performance.now() + us / 1000
  while (performance.now() < end);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const never = (): Promise<never> => new Promise(() => {})

function exhaust(): never {
  const hoard: unknown[] = []
  for (;;) hoard.push(new Array(10_000).fill(hoard.length))
}

export const { abandons, carries, diesBy, fails, family, familyByGet, settingUp, spins, usesBlocks, waits } = parallel(
  import.meta,
  {
    spins(task: number, us: number): number {
      note(task)
      spin(us)
      return task
    },
    async waits(task: number, turns: number): Promise<number> {
      note(task)
      for (let i = 0; i < turns; i++) await turn()
      return task
    },
    fails(task: number): never {
      note(task)
      throw new RangeError(`own ${task}`)
    },
    /** Its bytes there and back. */
    carries(task: number, bytes: Uint8Array): Uint8Array {
      note(task)
      return bytes
    },
    /** Children `task + 1` …, of which `deadly` (0: none) ends its worker. Returns how many of them were lost. */
    async family(task: number, children: number, us: number, deadly: number, death: Death): Promise<number> {
      note(task)
      const handles: PromiseLike<unknown>[] = []
      for (let i = 1; i <= children; i++)
        handles.push(i === deadly ? diesBy(task + i, death) : i % 2 === 0 ? waits(task + i, 1) : spins(task + i, us))
      if (deadly > children) process.exit(9) // leaves orphans
      const outcomes = await Promise.allSettled(handles)
      return outcomes.filter(({ status }) => status === 'rejected').length
    },
    /** As `family`, on this thread's stack; every other child carries a payload. */
    familyByGet(task: number, children: number, us: number, bytes: number): number {
      note(task)
      const payload = new Uint8Array(bytes).fill(task)
      const handles = Array.from({ length: children }, (_, i) =>
        i % 2 === 0 ? carries(task + 1 + i, payload) : spins(task + 1 + i, us),
      )
      let lost = 0
      for (const handle of handles) {
        try {
          const value = handle.get()
          if (typeof value !== 'number' && value.length !== bytes)
            throw new TypeError(`${value.length} of ${bytes} bytes`)
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_PARALLEL_WORKER_LOST') throw error
          lost++
        }
      }
      return lost
    },
    /** Dies when others have run its children, whose results it has not read. */
    abandons(task: number, children: number, bytes: number): never {
      note(task)
      const handles = Array.from({ length: children }, (_, i) => carries(task + 1 + i, new Uint8Array(bytes)))
      const { starts } = workerData as Ledger
      while (handles.some((_, i) => load(starts, task + 1 + i) === 0));
      spin(20_000) // by then they are done
      return process.exit(8)
    },
    diesBy(task: number, death: Death): unknown {
      note(task)
      switch (death) {
        case 'exit':
          return process.exit(3)
        case 'throw outside':
          setImmediate(() => {
            throw new RangeError('outside')
          })
          return never()
        case 'reject outside':
          void Promise.reject(new RangeError('outside'))
          return never()
        case 'in its result': // after the function, before its completion
          return {
            get value() {
              return process.exit(4)
            },
          }
        case 'after its result': // it has completed; who shares the worker dies
          setImmediate(() => process.exit(5))
          return task
        case 'memory':
          return exhaust()
      }
    },
    settingUp(): void {
      const { doomed } = workerData as Ledger
      if (add(doomed, DOOMED_SETUP, -1) > 0) process.exit(6)
      add(doomed, DOOMED_SETUP, 1)
    },
    /** Blocks of its thread's arena that somebody has not given back. */
    usesBlocks(): number {
      return blocksInUse()
    },
  },
)
