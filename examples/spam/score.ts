// From the judgements of the folds to the setting that tells spam from ham best.
import { FOLDS } from './grid.js'
import type { Judgements } from './naive-bayes.js'

export interface Score {
  readonly setting: number
  readonly judgements: Judgements
  readonly accuracy: number
  /** Of what was judged spam, the share that is. */
  readonly precision: number
  /** Of what is spam, the share that was found. */
  readonly recall: number
}

/** The settings from the most accurate to the least; `results` holds FOLDS of each, in the order of `settings`. */
export function rank(results: readonly Judgements[]): Score[] {
  const scores: Score[] = []
  for (let first = 0; first < results.length; first += FOLDS) {
    scores.push(score(first / FOLDS, sum(results.slice(first, first + FOLDS))))
  }
  return scores.sort((a, b) => b.accuracy - a.accuracy)
}

function score(setting: number, judgements: Judgements): Score {
  const [hamAsHam, hamAsSpam, spamAsHam, spamAsSpam] = judgements
  return {
    setting,
    judgements,
    accuracy: (hamAsHam + spamAsSpam) / (hamAsHam + hamAsSpam + spamAsHam + spamAsSpam),
    precision: spamAsSpam / (hamAsSpam + spamAsSpam),
    recall: spamAsSpam / (spamAsHam + spamAsSpam),
  }
}

function sum(folds: readonly Judgements[]): Judgements {
  const total: Judgements = [0, 0, 0, 0]
  for (const fold of folds) for (let i = 0; i < 4; i++) total[i]! += fold[i]!
  return total
}
