import { types } from 'node:util'

/**
 * True when two values are alike in all that structured clone keeps: prototypes, keys in their order, holes, bits of numbers,
 * contents by kind, and which references are the same. The reason as text where they are not, with its path.
 */
export function difference(a: unknown, b: unknown): string | undefined {
  const left = new Map<object, object>()
  const right = new Map<object, object>()
  const todo: [unknown, unknown, string][] = [[a, b, 'value']]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [x, y, path] = next
    if (typeof x !== 'object' || x === null || typeof y !== 'object' || y === null) {
      if (!Object.is(x, y)) return `${path}: ${String(x)} and ${String(y)}`
      continue
    }
    if (left.has(x) || right.has(y)) {
      if (left.get(x) !== y || right.get(y) !== x) return `${path}: other references are shared`
      continue
    }
    left.set(x, y)
    right.set(y, x)
    const why = shallow(x, y)
    if (why !== undefined) return `${path}: ${why}`
    const [inX, inY] = [contents(x), contents(y)]
    if (inX.length !== inY.length) return `${path}: ${inX.length} and ${inY.length} things inside`
    inX.forEach(([name, item], i) => {
      const [otherName, other] = inY[i] as [string, unknown]
      todo.push([item, other, name === otherName ? `${path}.${name}` : `${path}: key ${name} and ${otherName} of`])
      if (name !== otherName) todo.push([name, otherName, `${path} keys`])
    })
  }
  return undefined
}

function shallow(x: object, y: object): string | undefined {
  if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return 'other prototypes'
  if (Object.prototype.toString.call(x) !== Object.prototype.toString.call(y)) return 'other kinds'
  if (Array.isArray(x) && x.length !== (y as unknown[]).length) return 'other lengths'
  if (types.isDate(x) && !Object.is(x.getTime(), (y as Date).getTime())) return 'other dates'
  if (types.isRegExp(x) && (String(x) !== String(y) || x.lastIndex !== (y as RegExp).lastIndex)) return 'other patterns'
  if (types.isBoxedPrimitive(x) && !Object.is(x.valueOf(), y.valueOf())) return 'other boxed values'
  if (ArrayBuffer.isView(x)) {
    const view = y as ArrayBufferView
    if (x.byteOffset !== view.byteOffset || x.byteLength !== view.byteLength) return 'other ranges'
  }
  if (types.isArrayBuffer(x) && Buffer.compare(Buffer.from(x), Buffer.from(y as ArrayBuffer)) !== 0)
    return 'other bytes'
  return undefined
}

function contents(value: object): [string, unknown][] {
  if (ArrayBuffer.isView(value)) return [['buffer', value.buffer]]
  const inside: [string, unknown][] = Object.keys(value).map((key) => [key, Reflect.get(value, key)])
  if (types.isMap(value)) for (const [key, item] of value) inside.push(['key', key], ['item', item])
  if (types.isSet(value)) for (const item of value) inside.push(['item', item])
  if (types.isNativeError(value)) {
    for (const key of ['message', 'stack', 'cause', 'name']) {
      inside.push([`has ${key}`, Object.hasOwn(value, key)], [key, Reflect.get(value, key)])
    }
  }
  return inside
}
