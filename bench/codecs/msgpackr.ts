import { type Options, Packr } from 'msgpackr'
import type { Pass } from './index.js'

/** A Packr has records by default, which keep a Map apart from an object; the functions of the package have none. */
export function makePass(options: Options): Pass {
  const packr = new Packr(options)
  return (value) => packr.unpack(packr.pack(value))
}
