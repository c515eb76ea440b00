import { MessageChannel } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { move, OptionError, PayloadError, QueueFullError, ShutdownError } from '../../lib/index.js'
import { echo } from '../fixtures/basic.js'
import {
  answers,
  childFaults,
  childGets,
  childMakes,
  doubles,
  fills,
  first,
  gathers,
  giveBack,
  lengthOf,
  movesDetached,
  reads,
  wraps,
} from '../fixtures/moves.js'
import { rejectionOf, settles, thrownBy } from '../support/hang-limit.js'
import { heldPool, newPool, onHost, threaded, withPool } from '../support/pools.js'

const pool = newPool({ threads: 2 })
const MIB = 2 ** 20

test('move returns the same object, and changes nothing until a call takes it', async () => {
  const bytes = Uint8Array.of(1, 2, 3)
  assert.is(move(bytes), bytes)
  assert.is(bytes.length, 3)
  assert.is(first.local(move(bytes)), 1)
  const call = pool.run(first, [bytes])
  assert.is(bytes.length, 0, 'detached by the call')
  assert.is(await settles(call), 1)
})

test('arguments are moved, at any depth, with their views', async () => {
  const a = new Uint8Array(16).fill(1)
  const b = new ArrayBuffer(8)
  const value = {
    deep: [{ view: move(a.subarray(4, 6)), same: a }],
    map: new Map([['b', move(b)]]),
    copied: Uint8Array.of(7),
  }
  const call = pool.run(echo, [value])
  assert.equal([a.length, b.byteLength, value.copied.length], [0, 0, 1])
  const back = (await settles(call)) as typeof value
  const { view, same } = back.deep[0]!
  assert.equal([view.length, view.byteOffset, same.length], [2, 4, 16])
  assert.ok(view.buffer === same.buffer)
  assert.is(back.map.get('b')?.byteLength, 8)
  assert.equal([...back.copied], [7])
})

test('a Buffer with memory of its own is moved as a Buffer', async () => {
  const buffer = Buffer.alloc(10_000, 'x')
  const call = pool.run(giveBack, [move(buffer)])
  assert.is(buffer.length, 0)
  const back = await settles(call)
  assert.ok(Buffer.isBuffer(back))
  assert.is(back.toString('latin1', 9_998), 'xx')
})

test('buffers that can be resized are moved with their views', async () => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 32 } as never)
  const view = new Uint8Array(buffer)
  view[7] = 5
  const call = pool.run(giveBack, [move(view)])
  assert.is(view.length, 0)
  const back = (await settles(call)) as Uint8Array & { buffer: { resize(bytes: number): void } }
  assert.is(back[7], 5)
  back.buffer.resize(32)
  assert.is(back.length, 32)
})

test('results are moved: one, several, from async tasks, there and back', async () => {
  assert.is((await settles(pool.run(fills, [1000])))[999], 3)
  const { list, map } = await settles(pool.run(wraps, [100]))
  assert.ok(list[0]!.buffer === list[1]!.buffer)
  assert.equal([list[0]!.length, list[1]!.length, map.get('two')!.byteLength], [100, 99, 100])
  let values = Float64Array.of(1, 2, 3)
  for (let i = 0; i < 20; i++) values = (await settles(pool.run(doubles, [move(values)]))) as typeof values
  assert.equal([...values], [2 ** 20, 2 ** 21, 3 * 2 ** 20])
})

test('transfer moves for one call, whatever the type, and also what is no argument', async () => {
  const bytes = new Uint8Array(8)
  const other = new ArrayBuffer(8)
  const call = pool.run(lengthOf, [bytes], { transfer: [bytes.buffer, other] })
  assert.equal([bytes.length, other.byteLength], [0, 0])
  assert.is(await settles(call), 8)
})

test('ports and streams are moved', async () => {
  const { port1, port2 } = new MessageChannel()
  const heard = new Promise((resolve) => port2.once('message', resolve))
  await settles(pool.run(answers, [move(port1), 'hello']))
  assert.is(await settles(heard), 'hello')
  port2.close()
  const stream = new ReadableStream<string>({
    start(controller) {
      for (const word of ['one ', 'two ', 'three']) controller.enqueue(word)
      controller.close()
    },
  })
  assert.is(await settles(pool.run(reads, [move(stream)])), 'one two three')
})

test('children get moved arguments and give moved results', async () => {
  assert.equal(await settles(pool.run(childGets, [100])), [100, 0])
  assert.equal(await settles(Promise.all([1, 2, 3, 4].map((n) => pool.run(childMakes, [n])))), [3, 6, 9, 12])
})

test('what cannot be moved is refused where it is marked', () => {
  const cases: [unknown, RegExp][] = [
    [new SharedArrayBuffer(8), /shared memory is not moved/],
    [new Uint8Array(new SharedArrayBuffer(8)), /shared memory is not moved/],
    [Buffer.from('text'), /Node's pool/],
    [{}, /plain object|Object/],
    [{ port: new MessageChannel().port1 }, /cannot be moved/],
    [[], /Array/],
    ['text', /text/],
    [undefined, /undefined/],
  ]
  for (const [value, message] of cases) {
    const error = thrownBy(() => move(value as never))
    assert.instance(error, PayloadError)
    assert.match(error.message, message)
  }
})

/** Before that it copies such memory without a word. */
const tellsFixed = Number(process.versions.node.split('.')[0]) >= 22

test('memory that its owner does not let go of is refused before anything is moved', async () => {
  const { Memory } = Reflect.get(globalThis, 'WebAssembly') as {
    Memory: new (size: { initial: number }) => { buffer: ArrayBuffer }
  }
  const owned = new Memory({ initial: 1 }).buffer
  const good = new ArrayBuffer(8)
  if (!tellsFixed) {
    const error = await rejectionOf(pool.run(lengthOf, [move(owned)]))
    assert.instance(error, PayloadError)
    assert.match(error.message, /WebAssembly/)
    return
  }
  for (const fixed of [owned, Buffer.from('text').buffer]) {
    assert.match(thrownBy(() => move(fixed)).message, /WebAssembly/)
    const error = await rejectionOf(pool.run(echo, [good], { transfer: [good, fixed] }))
    assert.instance(error, PayloadError)
    assert.match(error.message, /transfer\[1\].*WebAssembly/)
    assert.is(good.byteLength, 8)
  }
  const pages = new ArrayBuffer(65_536)
  const call = pool.run(lengthOf, [move(pages)])
  assert.is(pages.byteLength, 0, 'refused for its size')
  assert.is(await settles(call), 65_536)
})

test('a call with something that cannot be moved has moved nothing', async () => {
  const good = new ArrayBuffer(8)
  const gone = new ArrayBuffer(8)
  move(gone)
  structuredClone(gone, { transfer: [gone] })
  const locked = new ReadableStream()
  locked.getReader()
  const { port1, port2 } = new MessageChannel()
  const cases: [unknown[], object, RegExp][] = [
    [[move(good), { deep: [gone] }], {}, /args\[1\]\.deep\[0\] .*moved already|args\[1\]\.deep\[0\]/],
    [[move(good), () => {}], {}, /args\[1\]/],
    [[good], { transfer: [good, gone] }, /transfer\[1\].*moved already/],
    [[good], { transfer: [good, good] }, /transfer\[1\].*the same object as transfer\[0\]/],
    [[good], { transfer: [good, new SharedArrayBuffer(1)] }, /transfer\[1\].*shared memory/],
    [[good], { transfer: [good, locked] }, /transfer\[1\].*locked/],
    [[good], { transfer: [good, new Uint8Array(good)] }, /transfer\[1\].*view/],
    [[good], { transfer: [good, 7] }, /transfer\[1\].*7 cannot be moved/],
    [[move(good), { port: port1 }], {}, /args\[1\]\.port .*move/],
  ]
  for (const [args, options, message] of cases) {
    const error = await rejectionOf(pool.run(echo, args as never, options as never))
    assert.instance(error, PayloadError)
    assert.match(error.message, message)
    assert.is(good.byteLength, 8)
  }
  port2.close()
  assert.instance(
    thrownBy(() => pool.run(echo, [good], { transfer: 'all' as never })),
    OptionError,
  )
  const error = await rejectionOf(pool.run(movesDetached, []))
  assert.instance(error, PayloadError)
  assert.match(error.message, /the result .*moved already|the result/)
})

test('a child is refused a buffer that another call has taken, before anything is moved', async () => {
  assert.equal(await settles(pool.run(childFaults, [])), ['ERR_PARALLEL_PAYLOAD', true, 8, 8])
})

test('a buffer that another call has taken is refused', async () => {
  const bytes = new Uint8Array(8)
  const one = pool.run(lengthOf, [move(bytes)])
  assert.match((await rejectionOf(pool.run(lengthOf, [bytes]))).message, /args\[0\]/)
  assert.instance(
    thrownBy(() => move(bytes)),
    PayloadError,
  )
  assert.is(await settles(one), 8)
})

test('a mark is used up by the call that takes the value', async () => {
  const buffer = new ArrayBuffer(8)
  move(buffer)
  assert.instance(await rejectionOf(pool.run(echo, [[buffer, () => {}]])), PayloadError)
  assert.is(buffer.byteLength, 8)
  const back = (await settles(pool.run(echo, [buffer]))) as ArrayBuffer
  assert.is(buffer.byteLength, 0, 'still marked')
  await settles(pool.run(echo, [back]))
  assert.is(back.byteLength, 8, 'what arrives is not marked')
})

test('a full queue and a closed pool refuse a call before anything is moved', async () => {
  const bytes = new Uint8Array(8)
  await heldPool(
    async (full) => {
      const waits = full.run(first, [Uint8Array.of(1)])
      assert.instance(await rejectionOf(full.run(first, [move(bytes)])), QueueFullError)
      assert.is(bytes.length, 8)
      waits.cancel()
    },
    { maxQueue: 1 },
  )
  const closed = newPool({ threads: 1 })
  await closed.close()
  assert.instance(await rejectionOf(closed.run(first, [move(bytes)])), ShutdownError)
  assert.is(bytes.length, 8)
})

test('a call that its caller runs has its moved arguments', async () => {
  await heldPool(
    async (full) => {
      const waits = full.run(first, [Uint8Array.of(1)])
      const bytes = Uint8Array.of(9)
      const here = full.run(first, [move(bytes)])
      assert.is(bytes.length, 0)
      assert.is(await settles(here), 9)
      waits.cancel()
    },
    { maxQueue: 1, overflow: 'caller-runs' },
  )
})

test('what a call has moved goes with it when it is cancelled', async () => {
  await heldPool(async (held) => {
    const bytes = new Uint8Array(8)
    const call = held.run(first, [move(bytes)])
    assert.ok(call.cancel())
    await rejectionOf(call)
    assert.is(bytes.length, 0)
  })
})

test('calls that wait for room keep what they have moved', async () => {
  await heldPool(async (held, open) => {
    held.setMaxConcurrentTasks(1)
    const calls = Array.from({ length: 20 }, (_, i) =>
      held.run(gathers, [[move(Uint8Array.of(i)), move(Uint8Array.of(1))]]),
    )
    held.setMaxConcurrentTasks(8)
    held.setMaxConcurrentTasks(1)
    open()
    assert.equal(
      await settles(Promise.all(calls)),
      Array.from({ length: 20 }, (_, i) => i + 1),
    )
  })
})

test('a broadcast moves nothing', async () => {
  const buffer = new ArrayBuffer(8)
  const error = await rejectionOf(pool.broadcast(lengthOf, [move(buffer)]))
  assert.instance(error, PayloadError)
  assert.match(error.message, /every worker/)
  assert.is(buffer.byteLength, 8)
  assert.instance(
    thrownBy(() => pool.broadcast(lengthOf, [buffer], { transfer: [buffer] })),
    OptionError,
  )
  const results = await settles(pool.broadcast(fills, [10]))
  for (const result of results) assert.is(result.length, 10)
})

const threads = threaded('there is nobody to ask')
threads('a blocked host hands moved arguments over, and takes moved results', async () => {
  await withPool({ threads: 1 }, (own) => {
    for (let i = 0; i < 5; i++) {
      const back = own.run(giveBack, [move(new Uint8Array(10).fill(i))]).get(20_000)
      assert.equal([...new Set(back as Uint8Array)], [i])
    }
  })
})

test('moved bytes are the same memory: nothing is copied', async () => {
  if (onHost) return
  const bytes = new Uint8Array(64 * MIB)
  const before = process.memoryUsage().external
  const back = await settles(pool.run(giveBack, [move(bytes)]))
  assert.is(back.byteLength, 64 * MIB)
  assert.ok(process.memoryUsage().external < before + 32 * MIB)
})

test.run()
