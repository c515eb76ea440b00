import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InlineClosureError, isWorker, OptionError, Pool, parallel } from '../../lib/index.js'
import { add, asyncEcho, count, echo, fib } from '../fixtures/basic.js'
import { changed, minified } from '../fixtures/minified.js'
import { broken, byId, byMeta, byPath, byText, byUrl, factorial, named } from '../fixtures/sources.js'
import { rejectionOf, settles, thrownBy } from '../support/hang-limit.js'
import { onHost, threaded, withPool } from '../support/pools.js'

/** Inserted by esbuild's keepNames into the text of functions. */
declare const __name: <F>(fn: F, name: string) => F

function refused(act: () => unknown, ...words: (string | RegExp)[]): void {
  const error = thrownBy(act)
  assert.instance(error, OptionError)
  assert.is(error.code, 'ERR_PARALLEL_OPTION')
  for (const word of words)
    assert.ok(typeof word === 'string' ? error.message.includes(word) : word.test(error.message), error.message)
}

// ---- functions of a module

test('the functions of a module run with its imports and its state', async () => {
  assert.not(isWorker)
  assert.is(await settles(add(1, 2)), 3)
  assert.is(await settles(asyncEcho('later')), 'later')
  assert.is(await settles(fib(15)), 610)
  assert.is(await settles(byMeta(2)), 42)
})

test('a module is named by import.meta, by its URL, by the text of that, or by its path', async () => {
  for (const task of [byMeta, byUrl, byText, byPath]) assert.is(await settles(task(2), task.taskName), 42)
})

test('parallel functions are the entries of the object, by their keys', () => {
  const tasks = parallel(new URL('./made.js', import.meta.url), { one: () => 1, two: () => 2 })
  assert.equal(Object.keys(tasks), ['one', 'two'])
  assert.is(tasks.one.taskName, 'one')
  assert.is(tasks.two.name, 'two')
  assert.equal(Object.keys(parallel(new URL('./made.js', import.meta.url), {})), [])
})

test('the options of parallel hold for all of its functions', async () => {
  assert.is(named.taskName, 'its name')
  const handle = named()
  assert.is(handle.name, 'its name')
  assert.equal(handle.metadata, { tenant: 'a' })
  assert.is((await rejectionOf(handle)).message, 'named')
})

test('the same module may be evaluated twice', async () => {
  const text = (x: number): number => x + 1
  const twice = () => parallel(new URL('./twice.js', import.meta.url), { text })
  twice()
  assert.is(twice().text.local, text)
})

test('an id stands for the URL of the module', async () => {
  assert.is(await settles(byId(2)), 42)
  const made = parallel(new URL('./one.js', import.meta.url), { same: (x: number) => x }, { id: 'made' })
  const again = parallel(new URL('./two.js', import.meta.url), { same: (x: number) => x }, { id: 'made' })
  assert.equal([made.same.taskName, again.same.taskName], ['same', 'same'])
  parallel(new URL('./two.js', import.meta.url), { same: (x: number) => x + 1 }, { id: 'other' })
  refused(
    () => parallel(new URL('./one.js', import.meta.url), { same: (x: number) => x + 1 }, { id: 'made' }),
    '"same"',
    'the id "made"',
  )
})

threaded('host and worker are one')(
  'with an id, the source on the host and that in the worker may differ',
  async () => {
    assert.is(await settles(minified(1)), 'worker')
    assert.is((await rejectionOf(changed(1))).code, 'ERR_PARALLEL_TASK_NOT_FOUND')
  },
)

// ---- one function, by its source text

test('arrow functions travel by their text', async () => {
  const square = parallel((x: number) => x * x)
  assert.is(await settles(square(7)), 49)
  const both = parallel(({ a, b: [first = 1] }: { a: number; b: number[] }) => ({ sum: a + first }))
  assert.equal(await settles(both({ a: 1, b: [] })), { sum: 2 })
})

test('function expressions travel by their text, and may call themselves', async () => {
  const power = parallel(function power(x: number, n: number): number {
    return n === 0 ? 1 : x * power(x, n - 1)
  })
  assert.is(power.taskName, 'power')
  assert.is(await settles(power(2, 10)), 1024)
})

test('async functions travel by their text', async () => {
  const late = parallel(async (x: number) => {
    await null
    return x + 1
  })
  assert.is(await settles(late(1)), 2)
  const failing = parallel(async function failing(): Promise<never> {
    await null
    throw new RangeError('late')
  })
  const error = await rejectionOf(failing())
  assert.instance(error, RangeError)
  assert.is(error.message, 'late')
})

test('method shorthand travels by its text', async () => {
  const methods = {
    double(x: number): number {
      return 2 * x
    },
    async later(x: number): Promise<number> {
      await null
      return 3 * x
    },
    'with space'(x: number): number {
      return 4 * x
    },
    if(x: number): number {
      return 5 * x
    },
  }
  assert.is(await settles(parallel(methods.double)(2)), 4)
  assert.is(await settles(parallel(methods.later)(2)), 6)
  assert.is(await settles(parallel(methods['with space'])(2)), 8)
  assert.is(await settles(parallel(methods.if)(2)), 10)
  assert.is(parallel(methods.double).taskName, 'double')
})

test('the helper that compilers leave in the text is there', async () => {
  const task = parallel((x: number) => {
    const inner = __name(() => x + 1, 'inner')
    return inner()
  })
  assert.is(await settles(task(1)), 2)
})

test('an inline function may use globals', async () => {
  const digits = parallel((x: number) => [...String(x)].map(Number))
  assert.equal(await settles(digits(345)), [3, 4, 5])
})

test('an inline function is called by its name, or by that of the options', () => {
  const plus = (x: number): number => x + 11
  assert.is(parallel(plus).taskName, 'plus')
  assert.is(parallel((x: number) => x + 12).taskName, 'inline')
  assert.is(parallel((x: number) => x + 13, { name: 'plus 13' }).taskName, 'plus 13')
  assert.is(parallel(plus, { name: 'again' }).taskName, 'again', 'also when the text is known')
})

test('an inline function keeps its own name when another has the same text', async () => {
  const one = (x: number): number => x * 3
  const two = (x: number): number => x * 3
  const [first, second] = [parallel(one), parallel(two)]
  assert.equal([first.taskName, second.taskName], ['one', 'two'])
  assert.equal([first(1).name, second(1).name], ['one', 'two'])
  assert.is(await settles(second(2)), 6)
})

test('an inline function is strict, as the modules are that it is written in', async () => {
  const task = parallel(function (this: unknown) {
    return this === undefined
  } as () => boolean)
  assert.is(await settles(task()), true)
})

test('method shorthand may be called like a keyword', async () => {
  const methods = {
    function(x: number): number {
      return x + 1
    },
    async(x: number): number {
      return x + 2
    },
    get(x: number): number {
      return x + 3
    },
    class(x: number): number {
      return x + 4
    },
  }
  assert.is(await settles(parallel(methods.function)(1)), 2)
  assert.is(await settles(parallel(methods.async)(1)), 3)
  assert.is(await settles(parallel(methods.get)(1)), 4)
  assert.is(await settles(parallel(methods.class)(1)), 5)
})

// ---- what a parallel function has

test('local is the function itself', async () => {
  const square = (x: number): number => x * x
  assert.is(parallel(square).local, square)
  assert.is(add.local(1, 2), 3)
  assert.is(factorial.local(5), 120)
  assert.is(await settles(factorial(5)), 120)
})

test('with gives a copy that has options, and leaves the function as it was', async () => {
  const sum = add.with({ name: 'sum', priority: 2, metadata: { tenant: 'a' } })
  const again = sum.with({ metadata: { tenant: 'b' } })
  assert.is.not(sum, add)
  assert.is(sum.local, add.local)
  assert.is(add.taskName, 'add')
  assert.is(sum.taskName, 'sum')
  assert.is(again.taskName, 'sum', 'what is not given is kept')
  const [plain, first, second] = [add(1, 2), sum(1, 2), again(1, 2)]
  assert.equal(plain.metadata, {})
  assert.equal(first.metadata, { tenant: 'a' })
  assert.equal(second.metadata, { tenant: 'b' })
  assert.equal(await settles(Promise.all([plain, first, second])), [3, 3, 3])
})

test('with binds a pool', () =>
  withPool({ threads: 1 }, async (pool) => {
    const here = add.with({ pool })
    assert.is(await here(1, 2), 3)
    assert.is(pool.stats().completed, 1)
    await add(1, 2)
    assert.is(pool.stats().completed, 1)
    await here.with({ name: 'kept' })(1, 2)
    assert.is(pool.stats().completed, 2)
  }))

test('with checks its options', () => {
  refused(() => add.with({ retries: 3 } as object), 'retries', 'priority', '"add"')
  refused(() => add.with({ pool: {} } as object), 'pool')
  refused(() => add.with(null as never), 'an object')
})

test('taskName and local are read-only', () => {
  assert.instance(
    thrownBy(() => Object.assign(add, { taskName: 'other' })),
    TypeError,
  )
  assert.instance(
    thrownBy(() => Object.assign(add, { local: null })),
    TypeError,
  )
})

// ---- items.map(fn)

test('items.map gives each item to a call, and does not send the array along', async () => {
  const square = parallel((x: number) => x * x)
  const items = [1, 2, 3]
  assert.equal(await settles(Promise.all(items.map(square))), [1, 4, 9])
  // The array cannot travel, so that it would be refused.
  const heavy = Object.assign(['a', 'b'], { off: () => {} })
  assert.equal(await settles(Promise.all(heavy.map(echo))), ['a', 'b'])
  assert.equal(await settles(Promise.all(items.map(count))), [1, 1, 1])
})

test('items.map of NaN sends the item alone too', async () => {
  assert.equal(await settles(Promise.all([Number.NaN, 1].map(count))), [1, 1])
})

test('items.map gives the index to a function of two parameters', async () => {
  const pair = parallel((x: string, i: number) => `${x}${i}`)
  assert.equal(await settles(Promise.all(['a', 'b'].map(pair))), ['a0', 'b1'])
})

test('items.map gives item and index to a function of three parameters, and never the array', async () => {
  const share = parallel((x: number, i: number, all?: readonly number[]) => [x, i, all?.length])
  assert.equal(await settles(Promise.all([5, 6].map(share))), [
    [5, 0, undefined],
    [6, 1, undefined],
  ])
  assert.equal(await settles(share(5, 0, [5])), [5, 0, 1], 'called with an array, it gets that')
  assert.equal(await settles(Promise.all([5].map((x, i, all) => share(x, i, all)))), [[5, 0, 1]])
})

test('a parameter with a default is an option, and not the index', async () => {
  const resize = parallel((path: string, quality = 80) => `${path} ${quality}`)
  assert.equal(await settles(Promise.all(['a', 'b'].map(resize))), ['a 80', 'b 80'])
})

test('three arguments that are no call of items.map are all sent', async () => {
  assert.is(await settles(count(1, 0, [2])), 3)
  assert.is(await settles(count(1, 'x', [1])), 3)
  assert.is(await settles(count(1, 0, 'x')), 3)
  assert.is(await settles(count(1, 0, [1], 4)), 4)
})

// ---- what is refused when it is defined

test('native and bound functions are refused', () => {
  refused(() => parallel(Math.max), 'max', 'native', 'import.meta')
  refused(() => parallel(((x: number) => x).bind(null)), 'bound')
  refused(() => parallel(new Proxy((x: number) => x, {})), 'native')
})

test('classes are refused', () => {
  class Box {}
  refused(() => parallel(Box as never), 'Box', 'a class')
  refused(() => parallel(class extends Array {} as never), 'a class')
})

test('generator functions are refused', () => {
  refused(
    () =>
      parallel(function* walk() {
        yield 1
      }),
    'walk',
    'generator',
  )
  refused(
    () =>
      parallel(async function* walk() {
        yield 1
      }),
    'generator',
  )
  const methods = {
    *walk() {
      yield 1
    },
  }
  refused(() => parallel(methods.walk), 'generator')
})

test('a function whose text cannot be compiled elsewhere is refused', () => {
  class Box {
    readonly #secret = 1
    readonly open = (): number => this.#secret
  }
  const { open } = new Box()
  assert.is(open(), 1)
  refused(() => parallel(open), 'open', 'cannot be compiled')
})

test('a source that names no module is refused', () => {
  for (const source of [undefined, null, 7, true, '', {}, { url: '' }, { url: 7 }, [], Symbol('s')])
    refused(() => parallel(source as never, {}), 'source', 'import.meta')
  for (const source of ['tasks.js', './tasks.js', { url: 'tasks' }])
    refused(() => parallel(source, {}), 'no absolute URL', 'import.meta')
  for (const source of ['node:fs', 'blob:nodedata:1', new URL('about:blank')])
    refused(() => parallel(source, {}), 'cannot import', String(source))
})

test('tasks that are no object of functions are refused', () => {
  for (const tasks of [undefined, null, 7, 'tasks'])
    refused(() => parallel(import.meta, tasks as never), 'tasks', 'an object of functions')
  for (const entry of [undefined, null, 7, 'text', {}, [() => 1]])
    refused(() => parallel(import.meta, { fine: () => 1, entry } as never), '"entry"', 'a function')
})

test('a bundle in CommonJS format and other places without a URL are told what to do', () => {
  refused(() => parallel({} as never, {}), 'url is undefined', 'CommonJS', '__filename')
  refused(() => parallel({ filename: '/a.cjs', exports: {} } as never, {}), 'In CommonJS pass __filename')
  refused(() => parallel({ url: 'file:///tmp/[eval1]' }, {}), 'which is no file')
  for (const source of ['[eval]', '[stdin]', '[worker eval]'])
    refused(() => parallel(source, {}), source, 'put the tasks into a file')
  refused(() => parallel((() => 1) as never, { add: () => 1 } as never), 'source', 'import.meta', '__filename')
})

test('an id that is none is refused', () => {
  for (const id of ['', 7, null, './tasks.js', '/tasks', 'file:///tasks.js', 'a#b'])
    refused(() => parallel(import.meta, {}, { id } as object), 'id', 'a name')
})

test('classes and generators are no tasks', () => {
  refused(() => parallel(import.meta, { Box: class {} } as never), '"Box"', 'a class')
  refused(() => parallel(import.meta, { *walk() {} } as never), '"walk"', 'a generator')
})

test('two functions under one identity are refused', () => {
  const source = new URL('./merged.js', import.meta.url)
  parallel(source, { same: (x: number) => x + 1, other: (x: number) => x })
  refused(() => parallel(source, { same: (x: number) => x + 2 }), '"same"', source.href, 'another name')
  parallel(new URL('./elsewhere.js', import.meta.url), { same: (x: number) => x + 2 })
})

test('options that do not exist are refused', () => {
  refused(() => parallel((x: number) => x, { retries: 3 } as object), 'retries', 'idempotent')
  refused(() => parallel(import.meta, {}, { retries: 3 } as object), 'retries', 'idempotent')
})

test('options with a wrong value are refused', () => {
  for (const options of [{ name: 7 }, { priority: 4 }, { idempotent: 1 }, { metadata: 'x' }, { pool: {} }]) {
    const [key] = Object.keys(options) as [string]
    refused(() => parallel((x: number) => x, options as object), key)
    refused(() => parallel(import.meta, {}, options as object), key)
  }
  for (const options of [null, 7, 'urgent']) {
    refused(() => parallel((x: number) => x, options as never), 'options')
    refused(() => parallel(import.meta, {}, options as never), 'options')
  }
})

// ---- variables that do not travel

test('an inline function that uses a variable from outside fails with an InlineClosureError that names it', async () => {
  const outside = 3
  const error = await rejectionOf(parallel((x: number) => x + outside, { name: 'closes' })(1))
  assert.instance(error, InlineClosureError)
  assert.is(error.code, 'ERR_PARALLEL_CLOSURE')
  assert.is(error.variable, 'outside')
  assert.match(error.message, /"outside"/)
  assert.match(error.message, /"closes"/)
  assert.instance(error.cause, ReferenceError)
})

test('an async inline function and an imported name fail in the same way', async () => {
  const later = parallel(async () => {
    await null
    return new Pool()
  })
  const error = await rejectionOf(later())
  assert.instance(error, InlineClosureError)
  assert.is(error.variable, 'Pool')
  if (onHost) return // get would need the event loop of the host
  assert.instance(
    thrownBy(() => later().get()),
    InlineClosureError,
  )
})

test('an inline function that assigns to a variable from outside fails in the same way', async () => {
  let total = 0
  const task = parallel((x: number) => {
    total = x
    return total
  })
  const error = await rejectionOf(task(1))
  assert.instance(error, InlineClosureError)
  assert.is(error.variable, 'total')
  assert.is(total, 0)
})

test('other errors of inline functions and of modules stay what they are', async () => {
  const early = parallel(() => {
    const read = (): number => late
    const before = read()
    const late = 1
    return before
  })
  const error = await rejectionOf(early())
  assert.instance(error, ReferenceError)
  assert.not.instance(error, InlineClosureError)
  const inModule = await rejectionOf(broken())
  assert.instance(inModule, ReferenceError)
  assert.not.instance(inModule, InlineClosureError)
})

test.run()
