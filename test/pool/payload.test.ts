import { deepStrictEqual } from 'node:assert'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError, parallel, type TaskHandle } from '../../lib/index.js'
import { add, asyncEcho, count, echo, fail } from '../fixtures/basic.js'
import { rejectionOf, settles } from '../support/hang-limit.js'
import { heldPool, newPool, withPool } from '../support/pools.js'
import { difference } from '../support/same-graph.js'
import { awkwardValues } from '../workers/codec/awkward-values.js'

const pool = newPool({ threads: 2 })
const MIB = 2 ** 20

/** As structured clone has it, also where Node's own fails. */
const restored = (value: unknown): unknown => {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}

const there = async (value: unknown): Promise<unknown> => settles(pool.run(echo, [value]))

/** The value comes back as structuredClone would give it: as the only argument, among others, and from an async task. */
async function travels(value: unknown): Promise<void> {
  const expected = structuredClone(value)
  deepStrictEqual(await there(value), expected)
  deepStrictEqual(await settles(pool.run(asyncEcho, [value])), expected)
  deepStrictEqual(await settles(pool.run(list, [1, value, 'x'])), [1, expected, 'x'])
}
const list = parallel((...values: unknown[]) => values)

// ---- primitives

const primitives: [string, unknown][] = [
  ['0', 0],
  ['-0', -0],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['the smallest number', 5e-324],
  ['the largest number', Number.MAX_VALUE],
  ['2^53 + 2', 2 ** 53 + 2],
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
  ['the empty string', ''],
  ['ascii', 'hello'],
  ['latin1', 'Grüße, naïve café ÿ\u0000\u0080'],
  ['UTF-16', 'Ελληνικά 日本語 😀'],
  ['a lone high surrogate', 'a\ud800b'],
  ['a lone low surrogate', '\udfff'],
  ['surrogates in the wrong order', '\udc00\ud800'],
  ['a long latin1 string', 'äÿ'.repeat(10_000)],
  ['a long UTF-16 string', 'ж日'.repeat(10_000)],
  ['a long string with one wide character at its end', `${'a'.repeat(9_999)}\u0100`],
  ['a bigint', -(2n ** 200n)],
]
for (const [name, value] of primitives) test(`${name} travels`, () => travels(value))

for (const mib of [1, 64]) {
  test(`a latin1 string of ${mib} MiB travels`, async () => {
    const text = 'x'.repeat(mib * MIB)
    assert.ok((await there(text)) === text)
  })
}

test('a UTF-16 string of 8 MiB characters travels', async () => {
  const text = 'ж'.repeat(8 * MIB)
  assert.ok((await there(text)) === text)
})

test('strings around the sizes where the way changes travel', async () => {
  for (const length of [23, 24, 25, 1_000, MIB - 10, MIB - 9, MIB - 5, MIB, MIB / 2 - 5, MIB / 2, MIB + 1]) {
    for (const unit of ['a', 'ж']) {
      const text = unit.repeat(length)
      if ((await there(text)) !== text) assert.unreachable(`${length} times ${unit}`)
    }
  }
})

test('any number of arguments travels', async () => {
  for (const size of [0, 1, 2, 3, 4, 17, 300]) assert.is(await pool.run(count, new Array(size).fill(1)), size)
  assert.is(await pool.run(count, [undefined, undefined]), 2)
  assert.is(await pool.run(count, [undefined, undefined, undefined]), 3)
  assert.is(await pool.run(count, new Array(5)), 5, 'holes too')
})

// ---- objects

const shared = { deep: [1, 2] }
const cycle: { self?: unknown; list: unknown[] } = { list: [] }
cycle.self = cycle
cycle.list.push(cycle, cycle.list)

const objects: [string, unknown][] = [
  ['an empty object', {}],
  ['nested objects', { a: { b: [{ c: null }, undefined, 'x'] }, 'key with space': -0, 7: 'seven' }],
  ['an object with a key __proto__', JSON.parse('{"__proto__": {"x": 1}, "y": 2}')],
  ['an array with holes', Object.assign(new Array(4), { 0: 1, 2: 3 })],
  ['an array with properties', Object.assign([1, 2], { extra: true })],
  [
    'a Map',
    new Map<unknown, unknown>([
      [1, 'one'],
      [{ key: true }, new Map([[Number.NaN, null]])],
    ]),
  ],
  ['a Set', new Set<unknown>([1, 'x', { y: 2 }, new Set([-0])])],
  ['a Date', new Date(1e12)],
  ['a RegExp', /a(b|c)+/giu],
  ['boxed primitives', [Object(1), Object('x'), Object(true), Object(5n)]],
  ['shared references', { first: shared, second: shared, all: [shared, shared.deep] }],
  ['cycles', cycle],
  ['an ArrayBuffer', Uint8Array.of(1, 2, 3).buffer],
  [
    'typed arrays',
    [Float64Array.of(1.5, Number.NaN, -0), BigInt64Array.of(-5n), Uint8ClampedArray.of(255), Int16Array.of(-1)],
  ],
  ['a DataView', new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2)],
  [
    'two views of one buffer',
    (() => {
      const b = new ArrayBuffer(16)
      return [new Uint8Array(b, 4), new Uint16Array(b)]
    })(),
  ],
  ['an Error', new TypeError('wrong', { cause: new RangeError('inner') })],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  [
    'an instance of a class, as a plain object',
    new (class Point {
      x = 1
    })(),
  ],
  ['10,000 objects', Array.from({ length: 10_000 }, (_, i) => ({ i, text: `item ${i}` }))],
  ['a typed array of 5 MiB', new Float64Array((5 * MIB) / 8).fill(0.1)],
]
for (const [name, value] of objects) test(`${name} travels`, () => travels(value))

test('an object nested 1,000 deep travels', async () => {
  let nested: unknown = 'core'
  for (let i = 0; i < 1_000; i++) nested = { nested }
  let back = await there(nested)
  for (let i = 0; i < 1_000; i++) back = (back as { nested: unknown }).nested
  assert.is(back, 'core')
})

test('an object nested deeper than any stack travels', async () => {
  let nested: unknown = 'core'
  for (let i = 0; i < 100_000; i++) nested = { nested }
  let back = await there(nested)
  for (let i = 0; i < 100_000; i++) back = (back as { nested: unknown }).nested
  assert.is(back, 'core')
})

test('a function deeper than any stack is a PayloadError that names its path', async () => {
  let nested: unknown = () => {}
  for (let i = 0; i < 20_000; i++) nested = { n: nested }
  const error = await rejectionOf(pool.run(echo, [nested]))
  assert.ok(error.message.startsWith(`args[0]${'.n'.repeat(20_000)} of task`))
  assert.is(await pool.run(add, [1, 2]), 3)
})

test('an object with 100,000 keys travels', async () => {
  const value = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key ${i}`, i]))
  deepStrictEqual(await there(value), value)
})

for (const [name, make] of awkwardValues) {
  test(`${name}: there and back`, async () => {
    const value = make()
    assert.is(difference(await there(value), value instanceof Error ? value : restored(value)), undefined)
  })
}

test('a Buffer arrives as a Buffer with its own bytes, in the task and here', async () => {
  const size = parallel((bytes: Buffer) => [Buffer.isBuffer(bytes), bytes.length, bytes.buffer.byteLength])
  assert.equal(await pool.run(size, [Buffer.from('hello')]), [true, 5, 5])
  const back = (await there(Buffer.from('hello'))) as Buffer
  assert.ok(Buffer.isBuffer(back))
  assert.is(back.toString(), 'hello')
  assert.is(back.buffer.byteLength, 5)
})

test('what only the platform can carry travels, many times', async () => {
  for (let i = 0; i < 50; i++) {
    const blob = (await there({ blob: new Blob([`text ${i}`]) })) as { blob: Blob }
    assert.is(await blob.blob.text(), `text ${i}`)
  }
})

test('an invalid Date travels', async () => {
  const back = (await there(new Date(Number.NaN))) as Date
  assert.instance(back, Date)
  assert.ok(Number.isNaN(back.getTime()))
})

test('results are new objects, and references inside one value stay shared', async () => {
  const value = { first: shared, second: shared }
  const back = (await there(value)) as typeof value
  assert.is.not(back, value)
  assert.is(back.first, back.second)
  assert.is.not(back.first, shared)
})

test('references are shared across the arguments of one call', async () => {
  const same = parallel((a: object, b: object) => a === b)
  assert.is(await pool.run(same, [shared, shared]), true)
})

// ---- shared memory

test('a view on a SharedArrayBuffer travels by reference', async () => {
  const words = new Int32Array(new SharedArrayBuffer(16))
  const bump = parallel((view: Int32Array) => Atomics.add(view, 1, 5))
  await pool.run(bump, [words])
  await pool.run(bump, [words])
  assert.is(words[1], 10)
  const back = (await there({ words, twice: [words] })) as { words: Int32Array; twice: Int32Array[] }
  assert.instance(back.words.buffer, SharedArrayBuffer)
  assert.is(back.words, back.twice[0])
  back.words[2] = 7
  assert.is(words[2], 7)
})

test('a SharedArrayBuffer and views with an offset travel', async () => {
  const buffer = new SharedArrayBuffer(64)
  const view = new Uint8Array(buffer, 8, 4).fill(3)
  const back = (await there([buffer, view])) as [SharedArrayBuffer, Uint8Array]
  assert.is(back[0].byteLength, 64)
  assert.equal([back[1].byteOffset, back[1].length, back[1][0]], [8, 4, 3])
})

test('what is beside a shared view is a snapshot all the same', () =>
  heldPool(async (own, open) => {
    const words = new Int32Array(new SharedArrayBuffer(4))
    const value = { words, list: [1] }
    const handle = own.run(echo, [value]) as TaskHandle<typeof value>
    value.list.push(2)
    open()
    assert.equal((await handle).list, [1])
  }))

// ---- what cannot be carried

function transferred(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

const deep = { options: { onTick: () => {} } }
const refused: [string, unknown, string | RegExp][] = [
  ['a function', () => {}, 'args[0]'],
  ['a function deep inside', deep, 'args[0].options.onTick'],
  ['a function in an array', [[1, 2, () => {}]], 'args[0][0][2]'],
  ['a function in a Map', new Map([['key', { fn: () => {} }]]), /args\[0\]\.get\("key"\)\.fn/],
  ['a function as a key of a Map', new Map([[() => {}, 1]]), /args\[0\]\.keys\(/],
  ['a function in a Set', new Set([1, () => {}]), /args\[0\].*1/],
  ['a method under a key that is no name', { 'on tick': () => {} }, 'args[0]["on tick"]'],
  ['a symbol', Symbol('token'), 'Symbol(token)'],
  ['a symbol deep inside', { a: [Symbol('s')] }, 'args[0].a[0]'],
  ['a promise', Promise.resolve(1), 'args[0]'],
  ['a promise deep inside', { later: Promise.resolve(1) }, 'args[0].later'],
  ['a WeakMap', { cache: new WeakMap() }, 'args[0].cache'],
  ['an AbortSignal deep inside', { a: { b: { c: { d: [new AbortController().signal] } } } }, 'args[0].a.b.c.d[0]'],
  ['a Proxy', { state: new Proxy({}, {}) }, 'args[0].state'],
  ['a generator', (function* () {})(), 'args[0]'],
  ['a transferred buffer', { bytes: transferred() }, 'args[0].bytes.buffer'],
]
for (const [name, value, path] of refused) {
  test(`${name} as an argument is a PayloadError that names its path`, async () => {
    const error = await rejectionOf(pool.run(echo, [value]))
    assert.instance(error, PayloadError)
    assert.is(error.code, 'ERR_PARALLEL_PAYLOAD')
    assert.ok(typeof path === 'string' ? error.message.includes(path) : path.test(error.message), error.message)
    assert.match(error.message, /"echo"/)
  })
}

test('the path says which argument it is', async () => {
  const error = await rejectionOf(pool.run(count, [1, 'x', { a: () => {} }]))
  assert.match(error.message, /args\[2\]\.a/)
})

test('a handle as an argument is a PayloadError that says what to do', async () => {
  const handle = pool.run(add, [1, 2])
  const error = await rejectionOf(pool.run(echo, [{ handle }]))
  assert.instance(error, PayloadError)
  assert.match(error.message, /args\[0\]\.handle/)
  assert.match(error.message, /await/i)
  assert.is(await handle, 3)
})

for (const [name, make, path] of [
  ['a function', () => () => {}, 'the result'],
  ['a function deep inside', () => ({ options: { onTick: () => {} } }), 'the result.options.onTick'],
  ['a symbol', () => Symbol('token'), 'the result'],
  ['a WeakMap', () => ({ cache: new WeakMap() }), 'the result.cache'],
  ['an async function', async () => ({ then2: async () => {} }), 'the result.then2'],
] as [string, () => unknown, string][]) {
  test(`${name} as a result is a PayloadError that names its path`, async () => {
    const error = await rejectionOf(pool.run(parallel(make, { name: 'maker' }), []))
    assert.instance(error, PayloadError)
    assert.ok(error.message.includes(path), error.message)
    assert.match(error.message, /"/)
  })
}

test('a getter that throws is a PayloadError', async () => {
  const value = {
    get oops(): never {
      throw new Error('from the getter')
    },
  }
  const error = await rejectionOf(pool.run(echo, [value]))
  assert.instance(error, PayloadError)
  assert.match(error.message, /from the getter/)
})

// ---- snapshots

test('arguments are taken when the call is made', () =>
  heldPool(async (own, open) => {
    const object = { list: [1] }
    const bytes = Uint8Array.of(1, 2, 3)
    const handles = [own.run(echo, [object]), own.run(echo, [bytes]), own.run(echo, [[object]])]
    object.list.push(2)
    bytes.fill(9)
    open()
    const [first, second, third] = await Promise.all(handles)
    assert.equal(first, { list: [1] })
    assert.equal(second, Uint8Array.of(1, 2, 3))
    assert.equal(third, [{ list: [1] }])
  }))

test('arguments are taken when the call is made, also of a call that waits beyond the slots', () =>
  heldPool(async (own, open, held) => {
    const before = Array.from({ length: 9_000 }, (_, i) => own.run(add, [i, 0]))
    const object = { list: [1] }
    const args: [unknown] = [object]
    const flat: [number, number] = [3, 4]
    const late = own.run(echo, args)
    const sum = own.run(add, flat)
    const three = ['a', 'b', 'c']
    const counted = own.run(list, three)
    object.list.push(2)
    args[0] = 'another'
    flat[0] = 1_000
    three.push('d')
    three[0] = 'z'
    open()
    await held
    assert.equal(await late, { list: [1] })
    assert.is(await sum, 7)
    assert.equal(await counted, ['a', 'b', 'c'])
    await Promise.all(before)
  }))

// ---- many

test('thousands of large payloads keep working', async () => {
  for (let round = 0; round < 40; round++) {
    const texts = Array.from({ length: 50 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(10_000 + 997 * i))
    const back = await settles(Promise.all(texts.map((text) => pool.run(echo, [text]))), `round ${round}`)
    if (!back.every((text, i) => text === texts[i])) assert.unreachable(`round ${round}`)
  }
})

test('thousands of objects in flight keep working', async () => {
  const handles = Array.from({ length: 20_000 }, (_, i) => pool.run(echo, [{ i, list: [i, String(i)] }]))
  const back = (await settles(Promise.all(handles))) as { i: number; list: unknown[] }[]
  if (!back.every(({ i, list }, at) => i === at && list[0] === at && list[1] === String(at)))
    assert.unreachable('mixed up')
})

test('payloads that do not fit into the shared memory at once wait their turn or spill', async () => {
  // 200 MiB each way, far more than an arena.
  const handles = Array.from({ length: 400 }, (_, i) => pool.run(echo, [new Uint8Array(MIB / 2).fill(i)]))
  const back = (await settles(Promise.all(handles), 'the payloads', 60)) as Uint8Array[]
  back.forEach((bytes, i) => {
    if (bytes.length !== MIB / 2 || bytes[0] !== i % 256 || bytes[bytes.length - 1] !== i % 256)
      assert.unreachable(`payload ${i}`)
  })
})

test('results that nobody has looked at yet may be more than the shared memory holds', async () => {
  const make = parallel((i: number) => new Uint8Array(600_000).fill(i))
  const handles = Array.from({ length: 300 }, (_, i) => pool.run(make, [i]))
  assert.ok(handles[299]?.wait(60_000))
  const back = await Promise.all(handles)
  back.forEach((bytes, i) => {
    if (bytes[0] !== i % 256 || bytes.length !== 600_000) assert.unreachable(`result ${i}`)
  })
})

test('calls that a lower limit has taken back keep their arguments', () =>
  heldPool(async (own, open, held) => {
    const values = Array.from({ length: 40 }, (_, i) => ({
      i,
      bytes: new Uint8Array(i % 3 === 0 ? 2 * MIB : 10).fill(i),
    }))
    const words = new Int32Array(new SharedArrayBuffer(4))
    const handles = values.map((value) => own.run(echo, [{ ...value, words }]))
    const flat = Array.from({ length: 10 }, (_, i) => own.run(list, ['text', i, null]))
    own.setMaxConcurrentTasks(1)
    own.setMaxConcurrentTasks(100)
    own.setMaxConcurrentTasks(1)
    open()
    await held
    const back = (await Promise.all(handles)) as ((typeof values)[number] & { words: Int32Array })[]
    back.forEach(({ i, bytes, words }, at) => {
      assert.is(i, at)
      assert.is(bytes[bytes.length - 1], at)
      assert.instance(words.buffer, SharedArrayBuffer)
    })
    assert.equal(await flat[7], ['text', 7, null])
  }))

test('buffers of large payloads are used again, and never before they have been read', async () => {
  const make = parallel((i: number) => new Uint8Array(1_500_000).fill(i))
  for (let round = 0; round < 6; round++) {
    const handles = Array.from({ length: 20 }, (_, i) => pool.run(make, [round * 20 + i]))
    const there = handles.map(async (handle, i) => {
      const bytes = (await pool.run(echo, [await handle])) as Uint8Array
      if (!bytes.every((byte) => byte === ((round * 20 + i) & 0xff))) assert.unreachable(`${round}, ${i}`)
    })
    await settles(Promise.all(there), `round ${round}`)
  }
})

test('payloads of cancelled calls are given back', () =>
  heldPool(async (own, open, held) => {
    // Each round would fill half of an arena.
    for (let round = 0; round < 20; round++) {
      const handles = Array.from({ length: 64 }, () => own.run(echo, [new Uint8Array(MIB / 2)]))
      for (const handle of handles) assert.ok(handle.cancel())
      await Promise.allSettled(handles)
    }
    open()
    await held
    assert.equal(await own.run(echo, [Uint8Array.of(1)]), Uint8Array.of(1))
  }))

test('errors with large properties travel', async () => {
  const throwing = parallel((size: number) => {
    throw Object.assign(new Error('big'), { bytes: new Uint8Array(size).fill(7) })
  })
  const error = await rejectionOf(pool.run(throwing, [2 * MIB]))
  assert.is(error.message, 'big')
  assert.is(error.bytes.length, 2 * MIB)
  assert.is(error.bytes[2 * MIB - 1], 7)
})

test('a failing task gives its arguments back', () =>
  withPool({ threads: 1 }, async (own) => {
    for (let i = 0; i < 100; i++) await rejectionOf(own.run(fail, ['long message '.repeat(20_000)]))
    assert.is(await own.run(add, [1, 2]), 3)
  }))

test.after(async () => {
  await pool.close({ timeout: 0 })
})

test.run()
