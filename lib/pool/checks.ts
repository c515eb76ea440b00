/** What a single value must be: for options and arguments alike. */
import { OptionError } from '../errors.js'

/** Past this a timer fires at once; who passes more has passed a date. */
const MAX_DURATION_MS = 2 ** 31 - 1

/** @internal Milliseconds from 0 to 2^31 - 1, or Infinity. @throws OptionError */
export function checkDuration(what: string, value: unknown): void {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return
  if (typeof value !== 'number' || !(value >= 0)) throw wrong(what, value, 'milliseconds, 0 or more, or Infinity')
  if (value > MAX_DURATION_MS)
    throw new OptionError(
      `${what} is a duration in milliseconds, at most 2^31 - 1 or Infinity, not ${value}` +
        (value > 1e11 ? ': that looks like a date. Pass the time that is left.' : '.'),
    )
}

/** @internal */
export function wrong(what: string, value: unknown, allowed: string): OptionError {
  return new OptionError(`${what} must be ${allowed}, not ${show(value)}`)
}

/** @internal @throws OptionError */
export function checkBoolean(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw wrong(what, value, 'true or false')
}

/** @internal @throws OptionError */
export function checkInteger(what: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw wrong(what, value, `an integer from ${least} to ${most}`)
}

/** @internal @throws OptionError */
export function checkObject(where: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw wrong(`${where}: options`, options, 'an object')
  for (const key of Object.keys(options)) {
    if (!keys.includes(key))
      throw new OptionError(`${where}: there is no option "${key}"; there are ${keys.join(', ')}`)
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `the function ${value.name || 'anonymous'}`
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'null-prototype object'}`
  return String(value)
}
