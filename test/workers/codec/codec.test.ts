import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError } from '../../../lib/errors.js'
import { kept, restored, type Snapshot, snapshot, takeArguments } from '../../../lib/workers/codec/payload.js'
import { difference } from '../../support/same-graph.js'
import { awkwardValues } from './awkward-values.js'

/** Node's own fails at these. */
const BEYOND_THE_PLATFORM = /10,000 deep|its own cause/

const travel = (value: unknown): any => restored(snapshot(value, 'the result', 'task'))

for (const [name, make] of awkwardValues) {
  test(`${name}: as structured clone has them`, () => {
    const value = make()
    const expected = BEYOND_THE_PLATFORM.test(name) ? value : structuredClone(value)
    for (let i = 0; i < 3; i++) assert.is(difference(travel(value), expected), undefined)
  })
}

test('a key __proto__ reaches no prototype', () => {
  travel(awkwardValues.filter(([name]) => name.includes('__proto__')).map(([, make]) => make()))
  assert.not('polluted' in {})
})

test('objects of one kind have one hidden class, however they are made', () => {
  const list = travel(Array.from({ length: 200 }, (_, i) => ({ a: i, b: { c: i } }))) as object[]
  assert.equal(list[0], { a: 0, b: { c: 0 } })
  assert.equal(list[199], { a: 199, b: { c: 199 } })
})

test('setters on Object.prototype are not called', () => {
  let calls = 0
  Object.defineProperty(Object.prototype, 'trapped', { set: () => calls++, configurable: true })
  try {
    const value = Object.defineProperty({}, 'trapped', { value: 1, enumerable: true })
    for (let i = 0; i < 100; i++) assert.is(travel(value).trapped, 1)
    const cycle: any = Object.defineProperty({}, 'trapped', { value: 1, enumerable: true, writable: true })
    cycle.self = cycle
    assert.is(travel(cycle).trapped, 1)
    assert.is(calls, 0)
  } finally {
    Reflect.deleteProperty(Object.prototype, 'trapped')
  }
})

test('a Buffer arrives as a Buffer, with its own bytes and no others', () => {
  for (const bytes of [Buffer.from('hello'), Buffer.alloc(10_000, 3), Buffer.alloc(0)]) {
    const back = travel({ bytes, same: bytes })
    assert.ok(Buffer.isBuffer(back.bytes))
    assert.is(back.bytes, back.same)
    assert.ok(back.bytes.equals(bytes))
    assert.is(back.bytes.buffer.byteLength, bytes.length)
  }
})

test('what lies in shared memory stays there', () => {
  const words = new Int32Array(new SharedArrayBuffer(64), 8, 4)
  const back = travel({ words, again: words, buffer: words.buffer, other: new Uint8Array(words.buffer) })
  words[1] = 7
  assert.is(back.words[1], 7)
  assert.is(back.words, back.again)
  assert.is(back.words.buffer, back.buffer)
  assert.is(back.other.buffer, back.buffer)
  assert.equal([back.words.byteOffset, back.words.length], [8, 4])
})

test('what only the platform can carry goes as it does in structured clone', async () => {
  const blob = new Blob(['abc'])
  const back = travel({ blob, list: [blob], plain: { a: 1 } })
  assert.instance(back.blob, Blob)
  assert.is(back.blob, back.list[0])
  assert.is(await back.blob.text(), 'abc')
  assert.equal(back.plain, { a: 1 })
})

test('buffers that can be resized, and views that follow them', () => {
  const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 32 }]) as ArrayBuffer & { resize(n: number): void }
  const back = travel({ view: new Uint8Array(buffer), buffer })
  assert.is(back.view.buffer, back.buffer)
  back.buffer.resize(16)
  assert.is(back.view.length, 16)
})

test('an arguments object, which the platform refuses, is a plain object', () => {
  function own(..._: unknown[]): IArguments {
    // biome-ignore lint/complexity/noArguments: it is what is tested
    return arguments
  }
  assert.is(difference(travel(own('a', [1])), { 0: 'a', 1: [1] }), undefined)
})

test('sharing and cycles go through all arguments of a call', () => {
  const shared = { x: 1 }
  const [first, second] = restored(kept(takeArguments([shared, [shared]], 'task')) as Snapshot) as [object, object[]]
  assert.is(first, second[0])
})

test('texts of any length, more than are written at once', () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(1_000 - (i % 990), '.'))
  const all = [...texts, ...texts, 'é'.repeat(5_000), 'ж'.repeat(30), ...texts]
  assert.ok(all.reduce((sum, { length }) => sum + length, 0) > 1 << 24)
  assert.equal(travel(all), all)
})

test('a snapshot is taken at once', () => {
  const value = { list: [1], bytes: new Uint8Array(10_000), text: 'x'.repeat(10_000) }
  const taken = snapshot(value, 'the result', 'task')
  value.list.push(2)
  value.bytes.fill(1)
  assert.equal(restored(taken), { list: [1], bytes: new Uint8Array(10_000), text: value.text })
})

test('a getter may take another value meanwhile, and change what is read', () => {
  const map = new Map<unknown, unknown>([
    [
      1,
      {
        get inner() {
          map.clear()
          return travel({ a: [1, 2] })
        },
      },
    ],
    [2, 'two'],
  ])
  assert.equal(
    travel(map),
    new Map<unknown, unknown>([
      [1, { inner: { a: [1, 2] } }],
      [2, 'two'],
    ]),
  )
})

test('a getter that throws leaves nothing behind', () => {
  const value = {
    a: [{ b: 1 }],
    get oops(): never {
      throw new Error('from the getter')
    },
  }
  assert.throws(() => travel([value]), /^the result of task "task" cannot be carried .*: from the getter$/)
  assert.equal(travel([{ b: 1 }, [2]]), [{ b: 1 }, [2]])
})

test('a buffer that a getter transfers away is an error', () => {
  const bytes = new Uint8Array(10_000)
  const value = {
    bytes,
    get later() {
      structuredClone(bytes, { transfer: [bytes.buffer] })
      return 1
    },
  }
  assert.throws(
    () => travel(value),
    (error: unknown) => error instanceof PayloadError,
  )
})

test('code from strings is no necessity', async () => {
  const { spawnSync } = await import('node:child_process')
  const program = `
    const { snapshot, restored } = await import(${JSON.stringify(new URL('../../../lib/workers/codec/payload.js', import.meta.url).href)})
    const list = Array.from({ length: 200 }, (_, i) => ({ a: i, b: { c: i } }))
    console.log(JSON.stringify(restored(snapshot(list, 'x', 'y'))) === JSON.stringify(list))`
  const { stdout } = spawnSync(
    process.execPath,
    ['--disallow-code-generation-from-strings', '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  )
  assert.is(stdout.trim(), 'true')
})

test.run()
