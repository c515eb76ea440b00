/** `@parallel.method()`: static async methods as tasks. */
import { OptionError } from '../errors.js'
import {
  type AnyFunction,
  bindTask,
  makeFunction,
  type ParallelFunction,
  type TaskHandle,
  type TaskOptions,
  UNBOUND,
} from '../pool/index.js'
import { defineInModule } from './define-in-module.js'
import { isRewritten, type TaskSource, urlOf } from './source.js'

export interface ParallelMethodDecorator {
  <This extends abstract new (...args: never) => unknown, A extends unknown[], R>(
    value: (this: This, ...args: A) => Promise<R>,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => Promise<R>> & {
      readonly static: true
      readonly private: false
    },
  ): (this: This, ...args: A) => TaskHandle<R>
  /** experimentalDecorators (NestJS, Angular, TypeORM code bases). */
  <A extends unknown[], R>(
    target: abstract new (...args: never) => unknown,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: A) => Promise<R>>,
  ): TypedPropertyDescriptor<(...args: A) => Promise<R>>
}

/** The two calling conventions of decorators, as they come from code that no compiler has checked. */
interface StandardContext {
  readonly kind: unknown
  readonly name: unknown
  readonly static?: unknown
  readonly private?: unknown
  addInitializer(initializer: (this: unknown) => void): void
}
type Class = { readonly name: string }
type Method = (this: unknown, ...args: never[]) => Promise<unknown>
type Wrapper = (this: unknown, ...args: unknown[]) => TaskHandle<unknown>

/**
 * Decorator for static async methods: a call of one runs in a worker, where `this` is the class as its module makes it
 * there. The class need not be exported; its name and the method's are the identity of the task.
 *
 * The call returns a `TaskHandle`. A decorator cannot change the method's type, which says `Promise`: `handleOf(promise)`
 * gives the handle.
 * @param source import.meta, or `__filename` in CommonJS, or a URL
 * @throws OptionError `ERR_PARALLEL_OPTION` while the class is defined: for instance, private and synchronous methods, for
 * accessors, fields and classes, and for classes without a name
 * @example
 * class Image {
 *   @parallel.method(import.meta)
 *   static async blur(pixels: Uint8Array): Promise<Uint8Array> { return pixels }
 * }
 * await Image.blur(pixels)
 */
export function method(source: TaskSource, options?: TaskOptions): ParallelMethodDecorator {
  const url = urlOf(source, '@parallel.method(source)')
  const module = { url, id: undefined, rewritten: isRewritten(source) }
  const bound = bindTask(UNBOUND, options, `@parallel.method(${url})`)
  const make = (owner: Class, key: string, value: Method): ParallelFunction => {
    if (owner.name === '') throw new OptionError(`@parallel.method: the class of "${key}" needs a name, to be found by`)
    const run = (...args: never[]): unknown => value.apply(owner, args)
    return makeFunction(defineInModule({ ...module, key: `${owner.name}.${key}` }, value, run), bound, run)
  }

  const decorate = (first: unknown, second: unknown, descriptor?: unknown): unknown => {
    if (typeof second === 'object' && second !== null && 'kind' in second)
      return decorateStandard(make, first, second as StandardContext)
    return decorateLegacy(make, first, second, descriptor)
  }
  return decorate as ParallelMethodDecorator
}

type Make = (owner: Class, key: string, value: Method) => ParallelFunction

function decorateStandard(make: Make, value: unknown, context: StandardContext): Wrapper {
  const { kind, name } = context
  const key = checkKey(name)
  if (kind !== 'method') throw misplaced(key, `a ${String(kind)}`)
  if (context.private === true) throw misplaced(key, 'a private method, which no worker could find by its name')
  if (context.static !== true) throw misplaced(key, INSTANCE)
  const { wrapper, found } = wrap(checkAsync(key, value))
  // The class has its name, and is not yet in use.
  context.addInitializer(function () {
    const owner = this as Class
    found(owner, make(owner, key, value as Method))
  })
  return wrapper
}

function decorateLegacy(make: Make, target: unknown, name: unknown, descriptor: unknown): PropertyDescriptor {
  const key = checkKey(name)
  if (typeof target !== 'function') throw misplaced(key, INSTANCE)
  const value = (descriptor as PropertyDescriptor | null | undefined)?.value
  if (typeof descriptor !== 'object' || value === undefined) throw misplaced(key, 'no method')
  const { wrapper, found } = wrap(checkAsync(key, value))
  found(target, make(target, key, value as Method))
  return { ...descriptor, value: wrapper }
}

const INSTANCE = 'an instance method: its object would have to travel. Make it static and pass what it needs'

/** A method with the name of `value` which calls the task, once that is `found`. */
function wrap(value: AnyFunction): { wrapper: Wrapper; found: (owner: Class, task: ParallelFunction) => void } {
  let owner: Class | undefined
  let task: ((...args: unknown[]) => TaskHandle<unknown>) | undefined
  const wrapper: Wrapper = function (...args) {
    if (task === undefined)
      throw new OptionError(`@parallel.method: ${value.name} is called before its class is defined`)
    // In the worker `this` is the class that has the method: what a subclass has changed would silently not hold.
    if (this !== owner && typeof this === 'function')
      throw new OptionError(
        `${(this as Class).name}.${value.name}: a method of ${owner?.name} that is decorated with parallel.method runs with ` +
          `this = ${owner?.name}. Call ${owner?.name}.${value.name}, or define one in ${(this as Class).name}.`,
      )
    return task(...args)
  }
  Object.defineProperty(wrapper, 'name', { value: value.name, configurable: true })
  Object.defineProperty(wrapper, 'length', { value: value.length, configurable: true })
  const found = (itsOwner: Class, itsTask: ParallelFunction): void => {
    owner = itsOwner
    task = itsTask as unknown as typeof task
  }
  return { wrapper, found }
}

function checkKey(name: unknown): string {
  if (typeof name === 'string') return name
  const what = typeof name === 'symbol' ? `called ${String(name)}` : 'without a name'
  throw new OptionError(`@parallel.method is for static async methods with a name, not for what is ${what}`)
}

/** What older targets make of an async function. */
const LOWERED = /\b(?:__awaiter|__async|_?_?async(?:_to_g|ToG)enerator|regeneratorRuntime|_regenerator\w*)\b/

function checkAsync(key: string, value: unknown): AnyFunction {
  if (typeof value !== 'function') throw misplaced(key, 'no method')
  const isAsync = Object.prototype.toString.call(value) === '[object AsyncFunction]'
  if (!isAsync && !LOWERED.test(Function.prototype.toString.call(value))) {
    throw misplaced(
      key,
      'a method that is not async: a call of it gives a promise, whatever its type says. (If it is async, and another ' +
        'decorator has wrapped it, put parallel.method next to the method; if a compiler has rewritten it, raise the target to ES2017.)',
    )
  }
  return value as AnyFunction
}

function misplaced(key: string, what: string): OptionError {
  return new OptionError(`@parallel.method is for static async methods, and "${key}" is ${what}`)
}
