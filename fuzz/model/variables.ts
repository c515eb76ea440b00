/** The values that a script's further steps depend on, as a hash: numbers, objects of the library, arrays. */

type Mixer = (hash: number, value: number) => number

const NUMBER = 1
const STRING = 2
const OBJECT = 3
const SEEN = 4
const NOTHING = 5

const bits = new Float64Array(1)
const halves = new Int32Array(bits.buffer)

export function hashOfVariables(
  start: number,
  variables: readonly unknown[],
  ignored: ReadonlySet<string>,
  mix: Mixer,
): number {
  const seen = new Map<object, number>()
  let hash = start

  const visit = (value: unknown): void => {
    switch (typeof value) {
      case 'number':
        visitNumber(value)
        return
      case 'boolean':
        hash = mix(hash, value ? 11 : 13)
        return
      case 'string':
        hash = mix(hash, STRING)
        for (let i = 0; i < value.length; i++) hash = mix(hash, value.charCodeAt(i))
        return
      case 'object':
        if (value !== null) visitObject(value)
        else hash = mix(hash, NOTHING)
        return
      default:
        hash = mix(hash, NOTHING) // undefined; functions do not change
    }
  }

  const visitNumber = (value: number): void => {
    if ((value | 0) === value) hash = mix(hash, value)
    else {
      bits[0] = value
      hash = mix(mix(mix(hash, NUMBER), halves[0] as number), halves[1] as number)
    }
  }

  const visitObject = (value: object): void => {
    const before = seen.get(value)
    if (before !== undefined) {
      hash = mix(mix(hash, SEEN), before)
      return
    }
    seen.set(value, seen.size)
    hash = mix(hash, OBJECT)
    if (ArrayBuffer.isView(value)) {
      // A view on shared memory does not change, and what lies there is part of the state anyhow.
      if (!(value.buffer instanceof SharedArrayBuffer)) for (const item of value as Int32Array) visitNumber(item)
    } else if (Array.isArray(value)) {
      visitNumber(value.length)
      for (const item of value) visit(item)
    } else if (value instanceof Map) {
      for (const [key, item] of value) {
        visit(key)
        visit(item)
      }
    } else if (!(value instanceof SharedArrayBuffer)) {
      for (const key in value) if (!ignored.has(key)) visit((value as Record<string, unknown>)[key])
    }
  }

  for (const variable of variables) visit(variable)
  return hash
}
