import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InlineClosureError, OptionError, parallel } from '../../lib/index.js'
import { add } from '../fixtures/basic.js'
import { rejectionOf, settles, thrownBy } from '../support/hang-limit.js'
import { program, report, reportOf, runProgram } from '../support/programs.js'

// Every spelling of a function as its source text, and what of it cannot travel.

/** The value of `key`, or its getter or setter; nothing is run. */
function partOf(object: object, key: string | symbol, part: 'value' | 'get' | 'set' = 'value'): (x: number) => unknown {
  return Object.getOwnPropertyDescriptor(object, key)![part]
}

function refused(fn: unknown, ...words: string[]): void {
  const error = thrownBy(() => parallel(fn as () => void))
  assert.instance(error, OptionError)
  for (const word of [...words, 'parallel(import.meta'])
    assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`)
}

async function fails(fn: (...args: never[]) => unknown, variable: string, ...words: string[]): Promise<void> {
  const error = await rejectionOf((parallel(fn) as () => PromiseLike<unknown>)())
  assert.instance(error, InlineClosureError)
  assert.is(error.variable, variable)
  for (const word of words) assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`)
}

/** As compilers write it. */
const compiled = (text: string): (() => unknown) => new Function(`return (${text})`)()

if (program === 'no code from strings') {
  const error = thrownBy(() => parallel((x: number) => x))
  report({ code: error.code, message: error.message, cause: error.cause.name, module: await add(1, 2) })
}

if (program === undefined) {
  const key = 'computed'

  test('methods travel under every kind of name', async () => {
    const hidden = Symbol('hidden')
    const methods = {
      [`a](b${1}`](x: number) {
        return x + 1
      },
      [key](x: number) {
        return x + 2
      },
      async [hidden](x: number) {
        await null
        return x + 3
      },
      12(x: number) {
        return x + 4
      },
      1.5e3(x: number) {
        return x + 5
      },
      async 'it\'s "so"'(x: number) {
        await null
        return x + 6
      },
      // biome-ignore format: comments between the tokens are the point
      async /* a ( */ spaced /* b */ (x: number) {
        return x + 7
      },
      async async(x: number) {
        return x + 8
      },
      async function(x: number) {
        return x + 9
      },
      asyncName(x: number) {
        return x + 10
      },
      getName(x: number) {
        return x + 11
      },
      set(x: number) {
        return x + 12
      },
      $new_ä(x: number) {
        return x + 13
      },
      new(x: number) {
        return x + 14
      },
    }
    const keys = Reflect.ownKeys(methods)
    assert.is(keys.length, 14)
    const text = String(keys.map((name) => partOf(methods, name).name))
    for (const name of keys) {
      const method = partOf(methods, name)
      const value = await settles(parallel(method)(100), String(name))
      assert.is(value, await method(100), `${String(name)} of ${text}`)
    }
    assert.not.instance(parallel(methods.asyncName).local(1), Promise)
  })

  test('methods of classes travel, static and private ones too', async () => {
    class Box {
      static double(x: number) {
        return 2 * x
      }
      static async later(x: number) {
        await null
        return 3 * x
      }
      quadruple(x: number) {
        return 4 * x
      }
      #hidden(x: number) {
        return 5 * x
      }
      readonly field = (x: number) => 6 * x
      hidden() {
        return this.#hidden
      }
    }
    const box = new Box()
    const all = [Box.double, Box.later, box.quadruple, box.hidden(), box.field]
    assert.equal(
      await settles(Promise.all(all.map((method) => parallel(method as (x: number) => unknown)(1)))),
      [2, 3, 4, 5, 6],
    )
  })

  test('an arrow may have a parameter that is called async, get or set', async () => {
    const arrows = ['async => async + 1', 'get => get + 1', 'set => set + 1', 'async async => async + 1']
    for (const text of arrows) assert.is(await settles(parallel(compiled(text) as (x: number) => number)(1)), 2, text)
  })

  test('defaults, destructuring and rest travel along', async () => {
    const task = parallel(
      (
        a: number = 1,
        [b]: readonly (number | undefined)[] = [2],
        { c = 3, ...d }: { c?: number; [key: string]: number | undefined } = { e: 4 },
        ...rest: number[]
      ) => [a, b, c, d, rest],
    )
    assert.equal(await settles(task()), [1, 2, 3, { e: 4 }, []])
    assert.equal(await settles(task(5, [6], { c: 7 }, 8, 9)), [5, 6, 7, {}, [8, 9]])
  })

  test('getters and setters are refused, and are not run', () => {
    let runs = 0
    class Box {
      get value() {
        return ++runs
      }
      set value(_) {
        runs++
      }
      static get shared() {
        return ++runs
      }
      get [key]() {
        return ++runs
      }
    }
    refused(partOf(Box.prototype, 'value', 'get'), 'get value', 'a getter')
    refused(partOf(Box.prototype, 'value', 'set'), 'set value', 'a setter')
    refused(partOf(Box, 'shared', 'get'), 'a getter')
    refused(partOf(Box.prototype, key, 'get'), 'a getter')
    // What it returns may be a function: that is not the getter.
    const object = {
      get function() {
        runs++
        return () => 1
      },
    }
    refused(partOf(object, 'function', 'get'), 'a getter')
    assert.is(runs, 0)
  })

  test('a computed key is not computed again', async () => {
    let runs = 0
    const methods = {
      [`key ${++runs}`](x: number) {
        return x
      },
    }
    assert.is(await settles(parallel(methods['key 1']!)(7)), 7)
    assert.is(runs, 1)
  })

  test('what belongs to a class is refused: super and private fields', () => {
    class Box extends Object {
      #secret = 1
      reveal() {
        return this.#secret
      }
      override toString() {
        return super.toString()
      }
    }
    refused(Box.prototype.reveal, 'reveal', '#secret')
    refused(Box.prototype.toString, 'toString', 'super')
  })

  test('new.target is undefined, as in any call', async () => {
    assert.is(await settles(parallel(compiled('function () { return new.target }'))()), undefined)
  })

  test('a frozen function is no class', async () => {
    assert.is(await settles(parallel(Object.freeze(compiled('function () { return 1 }')))()), 1)
  })

  test('a property of this that is missing is named', async () => {
    class Box {
      size = 3
      read() {
        return this.size
      }
      write() {
        this.size = 4
      }
      readonly arrow = () => this.size
    }
    const { arrow, read, write } = new Box()
    for (const method of [arrow, read, write]) await fails(method, 'this', '"this.size"')
    const other = await rejectionOf(parallel(compiled('function () { this; return undefined.size }'))())
    assert.instance(other, TypeError, 'what is not read of this stays what it is')
  })

  test('helpers, counters and imports that a compiler has written are recognised', async () => {
    await fails(compiled('() => __awaiter(this, void 0, void 0, null)'), '__awaiter', 'a helper', 'ES2022')
    await fails(compiled('() => __async(this, null, null)'), '__async', 'a helper')
    await fails(compiled('() => __publicField({}, "x", 1)'), '__publicField', 'a helper')
    await fails(compiled('() => _async_to_generator(null)'), '_async_to_generator', 'a helper')
    await fails(compiled('() => _objectSpread2({})'), '_objectSpread2', 'a helper')
    await fails(compiled('() => { cov_1a2b3c().f[0]++ }'), 'cov_1a2b3c', 'coverage', 'c8')
    await fails(compiled('() => node_path_1.join("a")'), 'node_path_1', 'an import')
    await fails(compiled('() => __vite_ssr_import_0__.join("a")'), '__vite_ssr_import_0__', 'an import')
  })

  test('names that an author has written get no such hint', async () => {
    for (const name of ['__dirname', '_private_thing', 'offset', '_get_user', 'coverage']) {
      const error = await rejectionOf(parallel(compiled(`() => ${name}`))())
      assert.is(error.variable, name)
      assert.not.match(error.message, /looks like/)
    }
  })

  test('an inline function may import what it uses', async () => {
    const task = parallel(async (path: string) => {
      const { basename } = await import('node:path')
      return basename(path)
    })
    assert.is(await settles(task('/a/b')), 'b')
  })

  test('the name of the function is the same in the worker', async () => {
    const error = await rejectionOf(
      parallel(function outer() {
        throw new Error('here')
      })(),
    )
    assert.match(error.stack, /at outer/)
  })

  test('where no code may be made from strings, the error shows the main form, and that one works', async () => {
    const said = reportOf(
      await runProgram(import.meta.url, 'no code from strings', {
        execArgv: ['--disallow-code-generation-from-strings'],
      }),
    )
    assert.is(said.code, 'ERR_PARALLEL_OPTION')
    assert.is(said.cause, 'EvalError')
    assert.match(said.message, /may not be compiled here.*parallel\(import\.meta/s)
    assert.is(said.module, 3)
  })

  test.run()
}
