import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { handleOf, OptionError, parallel } from '../../lib/index.js'
import { echo } from '../fixtures/basic.js'
import { addHidden, Derived, Image } from '../fixtures/methods.js'
import { rejectionOf, settles, thrownBy } from '../support/hang-limit.js'

function refused(act: () => unknown, ...words: string[]): void {
  const error = thrownBy(act)
  assert.instance(error, OptionError)
  for (const word of words) assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`)
}

test('a decorated method runs in a worker', async () => {
  assert.type(await settles(Image.thread()), 'number')
})

test('in the worker, this is the class', async () => {
  assert.is(await settles(Image.bits(3)), 24)
  assert.is(await settles(Image.secret()), 5)
})

test('a decorated method may call another: a child', async () => {
  assert.is(await settles(Image.twice(3)), 48)
})

test('a class need not be exported', async () => {
  const handle = addHidden(2)
  assert.is(handle.name, 'Hidden.add')
  assert.is(await settles(handle), 42)
})

test('a call gives a handle, with the options of the decorator', async () => {
  const handle = handleOf(Image.twice(1))
  assert.is(handle.name, 'Image.twice')
  assert.equal(handle.metadata, { kind: 'image' })
  assert.is(await settles(handle), 16)
  assert.is(handle.state, 'ok')
  assert.instance(await rejectionOf(Image.fail()), RangeError)
})

test('a method keeps its name and its length, and works without its class', async () => {
  assert.is(Image.bits.name, 'bits')
  assert.is(Image.bits.length, 1)
  const bits = Image.bits as (x: number) => Promise<number>
  assert.is(await settles(bits(2)), 16)
  assert.equal(await settles(Promise.all([1, 2].map(bits))), [8, 16])
})

test('a subclass is refused: in the worker this would be its parent', () => {
  refused(() => Derived.bits(1), 'Derived.bits', 'this = Image', 'Call Image.bits')
})

test('handleOf gives the handle itself, and refuses all other promises', async () => {
  const handle = echo(1)
  assert.is(handleOf(handle), handle)
  await handle
  for (const promise of [handle.then(), Promise.resolve(1), (async () => handle)()]) {
    refused(() => handleOf(promise), 'handleOf', 'then()')
    assert.instance(
      thrownBy(() => handleOf(promise)),
      TypeError,
    )
    await promise
  }
  for (const value of [undefined, null, 3, {}, { then() {} }, () => {}])
    refused(() => handleOf(value as never), 'handleOf: promise')
})

// ---- what is refused, also where no compiler has looked

const decorator = parallel.method(import.meta) as (...args: any[]) => any

test('what is no static async method is refused when its class is defined', () => {
  const context = { kind: 'method', name: 'run', static: true, private: false, addInitializer() {} }
  const run = async (): Promise<void> => {}
  assert.type(decorator(run, context), 'function')
  refused(() => decorator(run, { ...context, static: false }), '"run"', 'an instance method', 'static')
  refused(() => decorator(run, { ...context, name: '#run', private: true }), '"#run"', 'private')
  refused(() => decorator(() => 1, context), '"run"', 'not async')
  refused(
    () =>
      decorator(async function* run() {
        yield 1
      }, context),
    'not async',
  )
  refused(() => decorator(undefined, { ...context, kind: 'field' }), 'a field')
  for (const kind of ['getter', 'setter', 'accessor']) refused(() => decorator(run, { ...context, kind }), `a ${kind}`)
  refused(() => decorator(class Box {}, { kind: 'class', name: 'Box', addInitializer() {} }), 'a class')
  refused(() => decorator(run, { ...context, name: Symbol('run') }), 'Symbol(run)')
})

test('a class without a name is refused, and so is a second one of the same name', () => {
  const withMethod = (text: string): unknown =>
    new Function(
      'decorator',
      `const made = ${text}; let init; made.run = decorator(made.run, {
      kind: 'method', name: 'run', static: true, private: false, addInitializer(fn) { init = fn } }); init.call(made); return made`,
    )(decorator)
  refused(() => withMethod('(() => class { static async run() {} })()'), '"run"', 'needs a name')
  withMethod('class Twin { static async run() { return 1 } }')
  withMethod('class Twin { static async run() { return 1 } }')
  refused(() => withMethod('class Twin { static async run() { return 2 } }'), 'two different functions', 'Twin.run')
})

test('an async method that a compiler has lowered is one', () => {
  const lowered = new Function(
    'return function run() { return __awaiter(this, void 0, void 0, function* () { return 1 }) }',
  )()
  const context = { kind: 'method', name: 'run', static: true, private: false, addInitializer() {} }
  assert.type(decorator(lowered, context), 'function')
})

test('the legacy decorator refuses the same', () => {
  class Box {
    static async run(): Promise<void> {}
    static now(): void {}
    async instance(): Promise<void> {}
  }
  const descriptor = (target: object, key: string) => Object.getOwnPropertyDescriptor(target, key)
  assert.type(decorator(Box, 'run', descriptor(Box, 'run')).value, 'function')
  refused(() => decorator(Box, 'now', descriptor(Box, 'now')), '"now"', 'not async')
  refused(() => decorator(Box.prototype, 'instance', descriptor(Box.prototype, 'instance')), 'an instance method')
  refused(() => decorator(Box, 'field', undefined), '"field"', 'no method')
  refused(() => decorator(Box, 'value', { get: () => 1 }), 'no method')
  refused(() => decorator(Box, Symbol('run'), descriptor(Box, 'run')), 'Symbol(run)')
  refused(() => decorator(Box), 'without a name')
  refused(() => decorator(Box, undefined, 0), 'without a name')
})

test('a wrong source or option is refused where the decorator is written', () => {
  refused(() => parallel.method({} as never), '@parallel.method(source)', 'import.meta', '__filename')
  refused(() => parallel.method('./tasks.js'), '@parallel.method(source)', 'no absolute URL')
  refused(() => parallel.method(import.meta, { retries: 3 } as object), 'retries')
})

test.run()
