// What a benchmark is: a question, the cases that answer it, and the targets that the answer is held against.
import type { NodeLine } from './nodes.js'
import type { Reading } from './report/reading.js'

/** One contender in one configuration: what one process measures. */
export interface Case {
  /** Unique in its question. */
  readonly name: string
  readonly contender: string
  readonly threads: number
  /** What the tables call it, without the threads. */
  readonly label: string
  /** Cases are compared only with those of their own group: the kind of a payload, the version of Node. */
  readonly group?: string
  /** The line of Node that it runs on; without it the one that runs all of this. */
  readonly node?: NodeLine
}

/** By column key; a case leaves out what does not apply to it. */
export type Figures = Readonly<Record<string, number>>

export type Unit = 'µs' | 'ns' | 'ms' | '%' | 'B' | 'MiB' | '/s' | '×'

export interface Column {
  readonly key: string
  readonly head: string
  readonly unit: Unit
  /** Which way is good. Without it the column is no contest. */
  readonly better?: 'less' | 'more'
  /** For figures near zero: differences up to this are none, and how many times one is of another says nothing. */
  readonly noise?: number
}

export interface Target {
  /** What is measured, without the bound: `round trip, over the limit`. */
  readonly what: string
  readonly unit: Unit
  readonly atMost?: number
  readonly atLeast?: number
  /** Holds on a crowded machine, too: nothing in it waits for a second thread. */
  readonly evenCrowded?: boolean
  /** One value per repeat, compared within it: the machine changes its speed between repeats. */
  readonly reached: (reading: Reading) => readonly number[]
}

export interface Question {
  /** As in `npm run bench -- NAME`, and the file's name. */
  readonly name: string
  readonly title: string
  readonly asks: string
  /** What is timed and with what: tinybench or a plain loop, and why. */
  readonly how: string
  readonly cases: readonly Case[]
  readonly columns: readonly Column[]
  /** The column that spread and ratios are given for. */
  readonly main: string
  /** At most so many repeats, where one takes long; the tables say how many there were. */
  readonly mostRepeats?: number
  readonly targets: readonly Target[]
  /** One sentence: what the answer means for the reader. */
  readonly means: (reading: Reading) => string
  /** Runs in a process of its own. `effort` scales every time budget: 1 in a full run. */
  readonly measure: (of: Case, effort: number) => Promise<Figures>
}
