import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, store } from '#atomics'
import { OptionError, sharedArray, toShared } from '../../lib/index.js'
import {
  addTo,
  again,
  childAdds,
  forget,
  growsTo,
  isShared,
  keep,
  kept,
  makes,
  makesAndPasses,
} from '../fixtures/shared-arrays.js'
import { settles, thrownBy } from '../support/hang-limit.js'
import { newPool, withPool } from '../support/pools.js'

const MIB = 2 ** 20
const pool = newPool({ threads: 2 })

test('sharedArray makes an array of zeros on shared memory', () => {
  for (const type of [Int8Array, Uint8ClampedArray, Float32Array, BigUint64Array]) {
    const array = sharedArray<Int8Array | Uint8ClampedArray | Float32Array | BigUint64Array>(type, 3)
    assert.instance(array, type)
    assert.instance(array.buffer, SharedArrayBuffer)
    assert.is(array.length, 3)
    assert.is(Number(array[2]), 0)
  }
  assert.is(sharedArray(Float64Array, 0).length, 0)
})

test('sharedArray refuses what is no class of typed arrays, and no length', () => {
  for (const type of [Array, DataView, Buffer, undefined, 'Int8Array'])
    assert.instance(
      thrownBy(() => sharedArray(type as never, 1)),
      OptionError,
    )
  for (const length of [-1, 1.5, Number.NaN, '3'])
    assert.instance(
      thrownBy(() => sharedArray(Int8Array, length as never)),
      OptionError,
    )
})

test('toShared copies an array once; one that is shared stays what it is', () => {
  class Sub extends Float64Array {}
  for (const array of [Int16Array.of(1, -2), Float64Array.of(0.5), BigInt64Array.of(-1n), Sub.of(1.5)]) {
    const shared = toShared<Int16Array | Float64Array | BigInt64Array>(array)
    assert.instance(shared.buffer, SharedArrayBuffer)
    assert.equal([...shared], [...array])
    assert.is(toShared(shared), shared)
  }
  const text = toShared(Buffer.from('text'))
  assert.is(Buffer.isBuffer(text), false)
  assert.is(text.length, 4)
  assert.instance(
    thrownBy(() => toShared([1] as never)),
    OptionError,
  )
})

test('caller and tasks see the same memory', async () => {
  const counts = sharedArray(Int32Array, 4)
  await settles(Promise.all(Array.from({ length: 400 }, (_, i) => pool.run(addTo, [counts, i % 4]))))
  assert.equal([...counts], [100, 100, 100, 100])
  store(counts, 0, 7)
  assert.is(await settles(pool.run(addTo, [counts, 0])), 7)
})

test('children share it, too, and what a task makes is shared among its children and with the caller', async () => {
  const counts = sharedArray(Int32Array, 1)
  await settles(pool.run(childAdds, [counts, 50]))
  assert.is(load(counts, 0), 50)
  assert.is(await settles(pool.run(makesAndPasses, [])), 8)
  const made = await settles(pool.run(makes, [5, 42]))
  assert.instance(made.buffer, SharedArrayBuffer)
  assert.equal([...made], [0, 0, 0, 0, 42])
  await settles(pool.run(addTo, [made, 4]))
  assert.is(made[4], 43)
})

test('what comes back is the caller’s own buffer', async () => {
  const buffer = new SharedArrayBuffer(16)
  const back = await settles(
    pool.run(again, [{ all: buffer, part: new Uint8Array(buffer, 4, 8), twice: [buffer, buffer] }]),
  )
  const { all, part, twice } = back as { all: SharedArrayBuffer; part: Uint8Array; twice: SharedArrayBuffer[] }
  assert.ok(twice[0] === all && twice[1] === all && part.buffer === all)
  assert.is(part.byteOffset, 4)
  assert.is(part.length, 8)
  new Uint8Array(buffer)[4] = 9
  assert.is(part[0], 9)
})

test('a Buffer on shared memory stays one, and stays there', async () => {
  const memory = new SharedArrayBuffer(8)
  const back = await settles(pool.run(again, [Buffer.from(memory, 2, 4)]))
  assert.ok(Buffer.isBuffer(back))
  assert.is((back as Buffer).length, 4)
  new Uint8Array(memory)[2] = 5
  assert.is((back as Buffer)[0], 5)
  assert.ok(await settles(pool.run(isShared, [Buffer.from(memory)])))
})

test('shared memory that grows is shared as it grows', async () => {
  const memory = new SharedArrayBuffer(4, { maxByteLength: 64 } as never)
  const array = new Uint8Array(memory)
  assert.is(await settles(pool.run(growsTo, [array, 32])), 32)
  assert.is(array.length, 32)
})

test('one buffer serves two pools, and a worker that starts later', async () => {
  const counts = sharedArray(Int32Array, 1)
  await settles(pool.run(addTo, [counts, 0]))
  await withPool({ threads: 1 }, async (other) => {
    await other.run(addTo, [counts, 0])
    await other.run(addTo, [counts, 0])
  })
  assert.is(load(counts, 0), 3)
})

test('a buffer that a task keeps is the same when it comes back later, and its caller has let go of it', async () => {
  await withPool({ threads: 1 }, async (own) => {
    const array = sharedArray(Int32Array, 2)
    await own.run(keep, [array])
    store(array, 1, 6)
    const back = await own.run(kept, [])
    assert.is(back?.[1], 6)
    await own.run(addTo, [back as Int32Array, 1])
    assert.is(array[1], 7)
    await own.run(forget, [])
  })
})

test('a buffer goes there and back a hundred times, and is passed 10,000 times', async () => {
  const counts = sharedArray(Int32Array, MIB / 4)
  await settles(pool.run(addTo, [counts, 0]))
  let back = counts as Int32Array
  for (let i = 0; i < 100; i++) {
    await settles(Promise.all(Array.from({ length: 100 }, () => pool.run(addTo, [counts, 0]))))
    back = (await settles(pool.run(again, [back]))) as Int32Array
  }
  assert.is(load(back, 0), 10_001)
})

test.run()
