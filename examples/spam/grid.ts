// The settings that are compared. A task is named by two numbers: a setting's place in this list, and a fold.

export interface Setting {
  /** Longest run of words that is a feature. */
  readonly phrase: number
  /** How many words of a mail are read, from its start. */
  readonly wordsRead: number
  /** Whether a feature counts once in a mail however often it is there. */
  readonly once: boolean
  /** What is added to every count, so that an unseen feature does not decide alone. */
  readonly smoothing: number
}

export const FOLDS = 5
// The longest tasks first, 100 ms against 3 ms: what runs last then leaves no worker waiting for long.
export const PHRASES = [3, 2, 1]
export const WORDS_READ = [320, 80, 20]

export const settings: readonly Setting[] = PHRASES.flatMap((phrase) =>
  WORDS_READ.flatMap((wordsRead) =>
    [true, false].flatMap((once) => [0.01, 0.1, 1].map((smoothing) => ({ phrase, wordsRead, once, smoothing }))),
  ),
)

/** @example describePhrase(2) // 'words and pairs' */
export function describePhrase(phrase: number): string {
  return ['words', 'words and pairs', 'words, pairs, triples'][phrase - 1]!
}

export function describeSetting({ phrase, wordsRead, once, smoothing }: Setting): string {
  const counted = once ? 'each counted once' : 'every occurrence counted'
  return `${describePhrase(phrase)} of the first ${wordsRead}, ${counted}, smoothing ${smoothing}`
}
