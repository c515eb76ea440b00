/** What a configuration of the checker is made of. They stand in `configurations/`, and are transformed with the library. */

/** One thread of a model: what it does, as plain calls of the library. */
export interface Script {
  readonly name: string
  /** It may end before any of its steps, as by `terminate()`. */
  readonly isMortal?: boolean
  /** It goes on for ever: the model is at its end when only such threads are left, and they wait. */
  readonly isDaemon?: boolean
  /** Its end, too, is told to the others as a death is: the end of a thread. */
  readonly exits?: boolean
  /** A death of another thread is an event of its event loop: see `turn`. */
  readonly hearsDeaths?: boolean
  run(): void
}

/** The threads of one execution. What they share lies in shared memory. */
export interface Play {
  readonly scripts: readonly Script[]
  /** What must hold when no thread can take another step. Runs alone. */
  end?(): void
}

export interface Scenario {
  readonly name: string
  /** Quick ones run with the tests; planted ones must fail. */
  readonly tier: 'quick' | 'deep' | 'planted'
  /** Bytes of shared memory, 0 at the start of each execution. */
  readonly bytes: number
  /** Most switches away from a thread that could go on; undefined: any number, so all schedules. */
  readonly preemptions?: number
  /** Most deaths in one execution; default 0. */
  readonly deaths?: number
  /** Most limited waits that end for their limit, in one execution; default 0. */
  readonly timeouts?: number
  /** Fields of the library's objects that decide nothing: statistics. Left out of the state at checkpoints. */
  readonly ignoredFields?: readonly string[]
  /** The same for words of shared memory. */
  ignoredWords?(buffer: SharedArrayBuffer): readonly number[]
  /** Makes the threads of an execution; steps that it takes come before all others. */
  begin(buffer: SharedArrayBuffer): Play
}
