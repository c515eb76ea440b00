// Figures as the table and the picture write them.

/** @example count(5936) // '5,936' */
export const count = (value: number): string => value.toLocaleString('en')

/** @example countOf(1, 'worker') // '1 worker' */
export const countOf = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** @example seconds(1234) // '1.23 s' */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** @example percent(0.5) // '50.0 %' */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`
