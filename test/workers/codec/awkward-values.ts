/** Values that a codec gets wrong: a new one each time, for a test may change it. */
export const awkwardValues: readonly (readonly [name: string, make: () => unknown])[] = [
  [
    'integers around the limits of their encodings',
    () => [0, 1, 63, 64, -1, -64, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), 2 ** 31],
  ],
  ['doubles', () => [-0, Number.NaN, 1 / 3, 5e-324, Number.MAX_VALUE, Number.POSITIVE_INFINITY, 2 ** 53]],
  ['integers and one -0', () => [1, 2, -0, 3]],
  ['numbers and one other thing', () => [1, 2.5, 'x', 3]],
  [
    'bigints',
    () => [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 64n), 3n ** 2_000n, -(3n ** 2_000n)],
  ],
  ['texts around the limits', () => [0, 1, 23, 24, 25, 63, 64, 65, 4_095, 4_096, 4_097].map((n) => 'a'.repeat(n))],
  ['wide texts around the limits', () => [1, 24, 25, 64, 2_048, 4_095, 4_096, 4_097].map((n) => 'ж'.repeat(n))],
  ['latin1', () => ['\u0000', '\u0080ÿ', 'ÿ'.repeat(5_000), `${'ÿ'.repeat(5_000)}\u0100`]],
  ['lone surrogates', () => ['\ud800', 'a\udfffb', '\udc00\ud800', '\ud83d'.repeat(5_000), { '\ud800': '\udc00' }]],
  ['the same text many times', () => Array.from({ length: 100 }, (_, i) => ['red', 'green', 'blue'][i % 3])],
  ['empty things', () => [{}, [], '', new Map(), new Set(), new ArrayBuffer(0), new Uint8Array(0)]],
  ['keys like indexes', () => ({ 10: 'a', 2: 'b', x: 'c', 1e21: 'd', '-1': 'e', '01': 'f' })],
  ['the key __proto__', () => JSON.parse('{"a": 1, "__proto__": {"polluted": true}, "b": 2}')],
  ['the key __proto__, many times', () => Array.from({ length: 100 }, () => JSON.parse('{"__proto__": 1, "x": {}}'))],
  ['names of Object.prototype', () => ({ constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: { toString: 4 } })],
  ['a key of 300 characters', () => ({ ['k'.repeat(300)]: 1, short: 2 })],
  ['wide keys', () => ({ größe: 1, 尺寸: 2, '😀': 3 })],
  ['keys that are no names', () => ({ 'a"b': 1, 'c\\d': 2, 'e\u2028f': 3, '${g}': 4, '`': 5, '': 6, '\n': 7 })],
  ['31, 32, 33 and 200 keys', () => [31, 32, 33, 200].map((n) => Object.fromEntries(keys(n)))],
  [
    '100 objects alike',
    () => Array.from({ length: 100 }, (_, i) => ({ id: i, name: `n${i}`, nested: { on: i % 2 === 0 } })),
  ],
  [
    '100 objects with the same keys in another order',
    () => Array.from({ length: 100 }, (_, i) => (i % 2 ? { a: i, b: i } : { b: i, a: i })),
  ],
  [
    '6,000 objects none of which has the keys of another',
    () => Array.from({ length: 6_000 }, (_, i) => ({ [`k${i}`]: i, x: 1 })),
  ],
  ['values that are undefined', () => ({ a: undefined, b: [undefined, null] })],
  [
    'properties that are not enumerable, and symbols',
    () => Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'hidden', { value: 3 }),
  ],
  [
    'getters',
    () => ({
      get a() {
        return 1
      },
      get b() {
        return [2]
      },
    }),
  ],
  ['inherited properties', () => Object.assign(Object.create({ inherited: 1 }), { own: 2 })],
  ['an object without a prototype', () => Object.assign(Object.create(null), { a: 1 })],
  [
    'instances',
    () => [
      new Point(1, 2),
      new Point(3, 4),
      new (class extends Map<number, number> {})([[1, 2]]),
      new (class extends Array<number> {})(1, 2, 3),
    ],
  ],
  ['functions’ prototypes with enumerable methods', () => new (old() as unknown as new () => object)()],
  [
    'arrays with another prototype',
    () =>
      [Object.prototype, null, Date.prototype, { a: 1 }].map((prototype) => Object.setPrototypeOf([1, [2]], prototype)),
  ],
  [
    'maps and sets with properties, or with another prototype',
    () => [
      Object.assign(new Map([[1, 2]]), { x: 1 }),
      Object.assign(new Set([1]), { x: 1 }),
      ...[Object.prototype, null, Date.prototype, Set.prototype].map((prototype) =>
        Object.setPrototypeOf(new Map([[1, 2]]), prototype),
      ),
      Object.setPrototypeOf(new Set([1]), Map.prototype),
    ],
  ],
  [
    'other things without a prototype, with properties',
    () =>
      [new Map([[1, 2]]), new Date(0), /a/g, Object(1), new ArrayBuffer(4), new Uint8Array(4), named('TypeError')].map(
        (value) => Object.assign(Object.setPrototypeOf(value, null), { x: 1 }),
      ),
  ],
  ['bytes with the prototype of plain objects', () => Object.setPrototypeOf(new Uint8Array([1, 2]), Object.prototype)],
  [
    'plain objects that look like others',
    () => [Map, Date, Error, Uint8Array, Promise].map(({ prototype }) => Object.setPrototypeOf({ a: 1 }, prototype)),
  ],
  [
    'an error whose name is an object that becomes one of a class',
    () => [Object.defineProperty(new Error('x'), 'name', { value: { toString: () => 'RangeError' } })],
  ],
  [
    'an error whose cause is a getter',
    () => [Object.defineProperty(new Error('x'), 'cause', { get: () => 1, enumerable: true })],
  ],
  ['holes', () => [holey(2, { 1: 1 }), holey(3, { 0: 1, 2: 2 }), holey(5, {}), holey(1, { x: 1 })]],
  [
    '2,000 elements and one hole',
    () => {
      const list = Array.from({ length: 2_000 }, (_, i) => i)
      delete list[1_000]
      return list
    },
  ],
  [
    'a very long array with hardly anything in it',
    () => Object.assign(new Array(4_000_000_000), { 5: 'five', 3999999999: 'last' }),
  ],
  [
    'arrays with properties',
    () => [Object.assign([1, 2], { extra: 1 }), holey(2, { 1: 1, x: 1 }), 'a1b'.match(/(?<l>[a-z])(\d)/)],
  ],
  [
    'maps',
    () =>
      new Map<unknown, unknown>([
        [Number.NaN, -0],
        [{ key: 1 }, new Map([[1, 2]])],
        ['x', undefined],
        [undefined, 'x'],
      ]),
  ],
  ['sets', () => new Set<unknown>([1, '1', Number.NaN, -0, {}, new Set([null])])],
  [
    'a map in itself',
    () => {
      const map = new Map<unknown, unknown>()
      return map.set(map, map)
    },
  ],
  [
    'a set in itself',
    () => {
      const set = new Set<unknown>()
      return set.add(set)
    },
  ],
  ['dates', () => [new Date(0), new Date(-1), new Date(Number.NaN), new Date(8.64e15)]],
  ['regular expressions', () => [/a/, /[/]\/b/giu, /(?:)/, Object.assign(/x/g, { lastIndex: 3 })]],
  ['boxed primitives', () => [Object(1), Object(-0), Object('text'), Object(true), Object(5n), Object('')]],
  ['every kind of view', () => views()],
  [
    'views of one buffer',
    () => {
      const b = new ArrayBuffer(64)
      return [new Uint8Array(b, 8, 16), new Float64Array(b, 16), b, new DataView(b, 1, 3)]
    },
  ],
  ['a view of a large buffer', () => new Uint8Array(new ArrayBuffer(100_000), 50_000, 10).fill(7)],
  ['bytes around the limits', () => [4_095, 4_096, 4_097, 70_000].map((n) => new Uint8Array(n).fill(n))],
  [
    'many large things of odd sizes',
    () => [1, 2, 3, 5, 7].map((n) => ['é'.repeat(4_096 + n), 'ж'.repeat(4_096 + n), new Uint8Array(4_096 + n).fill(n)]),
  ],
  [
    'errors',
    () => [
      new Error('a'),
      new TypeError('b', { cause: { c: 1 } }),
      new RangeError(),
      named('EvalError'),
      named('Other'),
    ],
  ],
  [
    'an error that is its own cause',
    () => {
      const error = new Error('ring')
      return Object.defineProperty(error, 'cause', { value: error })
    },
  ],
  [
    'an error with no message of its own, one with none that is a text',
    () => [Object.assign(new Error('x'), { message: 5 }), withoutMessage()],
  ],
  [
    'cycles',
    () => {
      const a: any = { list: [] }
      a.self = a
      a.list.push(a, a.list, { a })
      return a
    },
  ],
  [
    'cycles in objects alike',
    () =>
      Array.from({ length: 100 }, () => {
        const a: any = { id: 1, up: undefined }
        a.up = a
        return a
      }),
  ],
  [
    'objects alike, of which some are cycles',
    () =>
      Array.from({ length: 100 }, (_, i) => {
        const a: any = { id: i, up: undefined }
        if (i % 3 === 0) a.up = [a]
        return a
      }),
  ],
  ['the same object 1,000 times', () => new Array(1_000).fill({ shared: [1] })],
  ['1,000 objects, each a reference to the one before', () => chain(1_000, (next) => ({ next }), true)],
  ['objects, arrays, maps, sets and errors, 10,000 deep', () => chain(10_000, deeper, false)],
  [
    'two ways into the same depths',
    () => {
      const core = chain(1_000, deeper, false)
      return { first: core, second: [core] }
    },
  ],
]

class Point {
  readonly #secret = 1
  readonly x: number
  readonly y: number

  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }

  get secret(): number {
    return this.#secret
  }
}

function holey(length: number, elements: object): unknown[] {
  return Object.assign(new Array(length), elements)
}

function keys(count: number): [string, unknown][] {
  return Array.from({ length: count }, (_, i) => [`key ${i}`, i % 2 === 0 ? i : { i }])
}

function old(): () => void {
  function Old(this: { own: number }) {
    this.own = 1
  }
  Old.prototype.method = () => 1
  return Old
}

function named(name: string): Error {
  return Object.defineProperty(new Error('with a name'), 'name', { value: name })
}

function withoutMessage(): Error {
  const error = new Error('x')
  Reflect.deleteProperty(error, 'message')
  return error
}

function views(): unknown[] {
  const types = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ]
  const list: unknown[] = types.map((type) => type.from([1, 2, 250, -3, Number.NaN]))
  return [...list, BigInt64Array.of(1n, -1n), BigUint64Array.of(2n ** 64n - 1n), new DataView(new ArrayBuffer(9), 3)]
}

function deeper(inner: unknown, i: number): unknown {
  switch (i % 5) {
    case 0:
      return { inner }
    case 1:
      return [i, inner]
    case 2:
      return new Map([[i, inner]])
    case 3:
      return new Set([inner])
    default:
      return new RangeError('deep', { cause: inner })
  }
}

function chain(length: number, link: (inner: unknown, i: number) => unknown, hasAll: boolean): unknown {
  const all: unknown[] = []
  let at: unknown = 'core'
  for (let i = 0; i < length; i++) all.push((at = link(at, i)))
  return hasAll ? all.reverse() : at
}
