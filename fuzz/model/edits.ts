/** Changes of the sources before the transform: small sizes for all models, and mutants. */

export interface Edit {
  /** Below the root. */
  readonly file: string
  /** Stands in it exactly once. */
  readonly from: string
  readonly to: string
}

/** Sizes and periods: a model of 2^30 slots is not checked by anybody. */
export const SMALL: readonly Edit[] = []

/** @throws Error when the text does not hold `from` exactly once: an edit that has lost its place proves nothing */
export function applyEdit(text: string, edit: Edit): string {
  const parts = text.split(edit.from)
  if (parts.length !== 2) throw new Error(`${edit.file} holds ${parts.length - 1} times, and not once: ${edit.from}`)
  return parts.join(edit.to)
}
