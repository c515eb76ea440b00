// The task module: evaluated on the main thread and once in each worker. Only numbers travel; each side has its own corpus.
import { parallel } from '../../lib/index.js' // in your project: from 'makeparallel'
import { corpus } from './corpus.js'
import { settings } from './grid.js'
import { crossValidate, type Judgements } from './naive-bayes.js'

export const { evaluate, echo } = parallel(
  import.meta,
  {
    /** One task of the grid search: judges one fold under one setting, having learned from the other folds. */
    evaluate(setting: number, fold: number): Judgements {
      return crossValidate(corpus(), settings[setting]!, fold)
    },

    /** Does nothing: what is left is the dispatch. */
    echo(value: number): number {
      return value
    },
  },
  { idempotent: true },
)
