// Splits a mail into words and gives each a 32-bit number: the classifier hashes words and keeps no dictionary.

const LONGEST_WORD = 20 // longer runs are base64, hashes and URLs
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Character code → the code of its lower case, or 0 for what ends a word. `$ ' -` are part of one: `$1000`, `don't`. */
const LETTERS = Uint8Array.from({ length: 128 }, (_, code) =>
  /[a-z0-9$'-]/i.test(String.fromCharCode(code)) ? String.fromCharCode(code).toLowerCase().charCodeAt(0) : 0,
)
const FOREIGN = 1 // one letter for all beyond ASCII: the corpus has lost the encodings of most of it

/**
 * What the sender wrote: the subject and the body. The other headers would give the answer away, since the ham of this
 * corpus came over a few mailing lists.
 */
export function writtenText(mail: string): string {
  const bodyAt = mail.search(/\r?\n\r?\n/)
  if (bodyAt < 0) return mail
  const subject = /^subject:(.*)$/im.exec(mail.slice(0, bodyAt))?.[1] ?? ''
  return subject + mail.slice(bodyAt)
}

/** Appends the number of each word of `text` (2 to 20 characters) to `to`, in order, and returns `to`. */
export function hashWords(text: string, to: number[] = []): number[] {
  let hash = FNV_OFFSET
  let length = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0
    const letter = code < 128 ? LETTERS[code]! : FOREIGN
    if (letter !== 0) {
      hash = Math.imul(hash ^ letter, FNV_PRIME)
      length++
    } else if (length > 0) {
      if (length > 1 && length <= LONGEST_WORD) to.push(hash)
      hash = FNV_OFFSET
      length = 0
    }
  }
  return to
}
