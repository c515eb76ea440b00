import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError } from '../../../lib/errors.js'
import { deserialize, type Snapshot, snapshot } from '../../../lib/workers/codec/serialize.js'

function refusal(value: unknown, root = 'args'): PayloadError {
  try {
    snapshot(value, root, 'resize')
  } catch (error) {
    assert.instance(error, PayloadError)
    return error as PayloadError
  }
  throw new Error('it was not refused')
}

function travel(value: unknown): any {
  const { bytes, message } = snapshot(value, 'args', 'task')
  return bytes === undefined ? message.value : deserialize(bytes)
}

const messageOf = ({ message }: Snapshot): unknown => message?.value

class Weak {
  readonly inside = new WeakMap()
}

const paths: readonly (readonly [string, unknown, RegExp])[] = [
  ['args[0].options.onTick', [{ options: { onTick() {} } }], /a function \(onTick\)/],
  ['args[1]', [1, Symbol('tag')], /a symbol \(Symbol\(tag\)\)/],
  ['args[0][2]', [[0, 1, () => 2]], /a function \(anonymous\)/],
  ['args[0]["a key"].then', [{ 'a key': { then: () => 0 } }], /a function/],
  ['args[0].größe', [{ größe: () => 0 }], /a function/],
  ['args[0].get("sizes")', [new Map([['sizes', () => 0]])], /a function/],
  ['args[0].get(7).deep', [new Map([[7, { deep: () => 0 }]])], /a function/],
  ['args[0].keys({…}).name', [new Map([[{ name: () => 0 }, 1]])], /a function/],
  ['[...args[0]][1]', [new Set([1, () => 0])], /a function/],
  ['args[0]', [Promise.resolve()], /a promise.*Await it/],
  ['args[0].signal', [{ signal: new AbortController().signal }], /AbortSignal/],
  ['args[0].inside', [new Weak()], /a WeakMap/],
  ['args[0]', [new WeakSet()], /a WeakSet/],
  ['args[0]', [new WeakRef({})], /a WeakRef/],
]

for (const [path, value, what] of paths) {
  test(`${path} is named when it is what ${what.source} says`, () => {
    const { message, code, cause } = refusal(value)
    assert.ok(message.startsWith(`${path} of task "resize" is `), message)
    assert.match(message, what)
    assert.is(code, 'ERR_PARALLEL_PAYLOAD')
    assert.instance(cause, Error)
  })
}

test('the result is called the result', () => {
  assert.match(refusal({ next: () => 0 }, 'the result').message, /^the result\.next of task "resize" is a function/)
})

test('a culprit behind a cycle is found', () => {
  const value: Record<string, unknown> = {}
  value.self = value
  value.call = () => 0
  assert.match(refusal([value]).message, /^args\[0\]\.call /)
})

test('a getter that throws is told with its own words', () => {
  const value = {
    get broken() {
      throw new Error('from the getter')
    },
  }
  const { message } = refusal([value])
  assert.match(message, /^args of task "resize" cannot be carried to another thread: from the getter$/)
})

test('what structured clone knows comes back', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const value = [
    1n,
    new Date(5),
    /a/g,
    new Map([[1, new Set(['x'])]]),
    new Uint8Array([1, 2]),
    new Array(2),
    { u: undefined },
  ]
  assert.equal(travel(value), structuredClone(value))
  const back = travel(cycle)
  assert.is(back.self, back)
})

test('a snapshot is taken at once: what changes later stays outside', () => {
  const value = { list: [1] }
  const { bytes } = snapshot(value, 'args', 'task')
  value.list.push(2)
  assert.equal(deserialize(bytes as Uint8Array), { list: [1] })
})

test('shared memory travels as a message and stays shared', () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const taken = snapshot([words], 'args', 'task')
  assert.is(taken.bytes, undefined)
  words[1] = 5
  assert.is(travel([words])[0].buffer.byteLength, 8)
  assert.equal([...(messageOf(taken) as [Int32Array])[0]], [0, 5])
})

test('host objects travel as messages', () => {
  const taken = snapshot([new Blob(['abc'])], 'args', 'task')
  assert.is(taken.bytes, undefined)
  assert.is((messageOf(taken) as [Blob])[0].size, 3)
})

test('a culprit beside shared memory is named too', () => {
  assert.match(refusal([new SharedArrayBuffer(8), { call: () => 0 }]).message, /^args\[1\]\.call /)
})

test.run()
