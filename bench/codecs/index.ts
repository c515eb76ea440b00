// What encodes and decodes a value, by the contender's name; what tables call it stands in bench/contenders. Each is loaded
// only in the process that measures it.
import { deserialize, serialize } from 'node:v8'

/** A value, encoded and decoded again. */
export type Pass = (value: unknown) => unknown

const LOADERS: Readonly<Record<string, () => Promise<Pass>>> = {
  makeparallel: async () => (await import('./makeparallel.js')).makePass(),
  'structured-clone': async () => structuredClone,
  json: async () => (value) => JSON.parse(JSON.stringify(value)),
  v8: async () => (value) => deserialize(serialize(value)),
  msgpackr: async () => (await import('./msgpackr.js')).makePass({}),
  // The fastest that its README names: keys are sent once, and then both sides know them.
  'msgpackr-structures': async () => (await import('./msgpackr.js')).makePass({ structures: [] }),
}

export const CODECS: readonly string[] = Object.keys(LOADERS)

export function loadCodec(contender: string): Promise<Pass> {
  const load = LOADERS[contender]
  if (load === undefined) throw new Error(`there is no codec ${contender}`)
  return load()
}
