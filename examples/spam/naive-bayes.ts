// Multinomial naive Bayes over hashed phrases: train on all folds but one, judge that one.
// Hashing phrases into a table of fixed size: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009.
import type { Corpus } from './corpus.js'
import { FOLDS, PHRASES, type Setting, WORDS_READ } from './grid.js'

const TABLE_BITS = 18 // at 19 the tables of two workers crowd each other out of the caches
const TABLE_SIZE = 1 << TABLE_BITS
const MIX = 0x9e3779b1 // 2^32 / golden ratio: spreads a hash to its upper bits

// Reused by all tasks of a thread: fresh tables would cost the system a page fault for every 4 KiB.
const counts = new Uint32Array(2 * TABLE_SIZE) // ham and spam of a phrase side by side
const lastSeenIn = new Int16Array(TABLE_SIZE) // a mail's number is below 2^15
const phrases = new Int32Array(Math.max(...PHRASES) * Math.max(...WORDS_READ)) // of the mail at hand

/** Mails by what they are and what they were judged to be: a confusion matrix, row by row. */
export type Judgements = [hamAsHam: number, hamAsSpam: number, spamAsHam: number, spamAsSpam: number]

/** Trains on the mails outside `fold`, judges those in it. Every FOLDS-th mail is in a fold, so each has old and new ones. */
export function crossValidate(corpus: Corpus, setting: Setting, fold: number): Judgements {
  const totals: [ham: number, spam: number] = [0, 0]
  const mails: [ham: number, spam: number] = [0, 0]
  counts.fill(0)
  lastSeenIn.fill(-1)
  for (let mail = 0; mail < corpus.mails; mail++) {
    if (mail % FOLDS === fold) continue
    const kind = corpus.isSpam[mail] as 0 | 1
    const length = readPhrases(corpus, setting, mail)
    for (let i = 0; i < length; i++) counts[2 * phrases[i]! + kind]!++
    totals[kind] += length
    mails[kind]++
  }

  // A phrase speaks for spam by its frequency in spam over that in ham, both smoothed; the logarithms add up.
  const { smoothing } = setting
  const scale = (totals[0] + smoothing * TABLE_SIZE) / (totals[1] + smoothing * TABLE_SIZE)
  const prior = Math.log(mails[1] / mails[0])
  const judgements: Judgements = [0, 0, 0, 0]
  for (let mail = fold; mail < corpus.mails; mail += FOLDS) {
    const length = readPhrases(corpus, setting, mail)
    let logOdds = prior
    for (let i = 0; i < length; i++) {
      const inHam = counts[2 * phrases[i]!]! + smoothing
      const inSpam = counts[2 * phrases[i]! + 1]! + smoothing
      logOdds += Math.log((inSpam / inHam) * scale)
    }
    judgements[2 * corpus.isSpam[mail]! + (logOdds > 0 ? 1 : 0)]!++
  }
  return judgements
}

/** Lists the phrases of a mail in `phrases`, as places in the table; returns how many there are. */
function readPhrases({ words, starts }: Corpus, { phrase, wordsRead, once }: Setting, mail: number): number {
  const start = starts[mail]!
  const end = Math.min(starts[mail + 1]!, start + wordsRead)
  let length = 0
  for (let word = start; word < end; word++) {
    let hash = 0
    for (let first = word; first >= start && word - first < phrase; first--) {
      hash = Math.imul(hash ^ words[first]!, MIX)
      const place = hash >>> (32 - TABLE_BITS)
      if (once) {
        if (lastSeenIn[place] === mail) continue
        lastSeenIn[place] = mail
      }
      phrases[length++] = place
    }
  }
  return length
}
