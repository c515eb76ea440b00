// What must and what must not compile when tasks are defined, imported and decorated. Checked by tsc; never run.
import {
  type AnyFunction,
  handleOf,
  importTasks,
  type ParallelFunction,
  parallel,
  type TaskHandle,
} from '../../lib/index.js'

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
declare function expect<T extends true>(): T
type Resized = { path: string; quality: number; tags: string[] }

export const { resize, first, child, isOdd, isEven } = parallel(
  import.meta,
  {
    resize(path: string, quality = 80, ...tags: string[]) {
      return { path, quality, tags }
    },
    first<T>(items: readonly T[]): T | undefined {
      return items[0]
    },
    child(n: number) {
      return resize(String(n)) // unannotated, refers to an unannotated sibling, returns a handle
    },
    isOdd(n: number): boolean {
      return n === 0 ? false : isEven.local(n - 1)
    },
    isEven(n: number): boolean {
      return n === 0 ? true : isOdd.local(n - 1)
    },
  },
  { id: 'usage', priority: 1 },
)
export function plain(a: number, b?: string): Promise<{ x: number }> {
  return Promise.resolve({ x: a + (b?.length ?? 0) })
}
export class Unused {
  static x = 1
}
export const constant = 42

export function calls(): void {
  const resized = resize('a.jpg')
  expect<Equal<typeof resized, TaskHandle<Resized>>>()
  const viaChild = child(1)
  expect<Equal<typeof viaChild, TaskHandle<Resized>>>()
  const item = first.local([1, 2])
  expect<Equal<typeof item, number | undefined>>()
  const mapped = [1, 2].map(child) // the types see (item, index, array)
  expect<Equal<typeof mapped, TaskHandle<Resized>[]>>()
  // @ts-expect-error wrong type
  resize('a', 'b')
  // @ts-expect-error a handle is no argument: await it first
  child(child(3))
}

export function inline(): void {
  const square = parallel((x: number) => x * x, { name: 'sq' })
  expect<Equal<typeof square, ParallelFunction<(x: number) => number>>>()
  const rest = parallel(async (x: number, ...more: string[]) => more.length + x)
  expect<Equal<typeof rest, ParallelFunction<(x: number, ...more: string[]) => Promise<number>>>>()
  // @ts-expect-error an inline function has no module, and so no id
  parallel((x: number) => x, { id: 'x' })
  parallel(import.meta, {
    // @ts-expect-error implicit any stays an error
    bad(x) {
      return x
    },
  })
  parallel(import.meta, {
    a(): number {
      return 1
    },
    b(): number {
      // @ts-expect-error `this` is not the record
      return this.a()
    },
  })
  const broken = parallel(import.meta, { k: 42 })
  // @ts-expect-error an entry that is no function
  broken.k()
  // @ts-expect-error an id is a name
  parallel(import.meta, {}, { id: 7 })
}

export class Img {
  @parallel.method(import.meta)
  static async blur(this: typeof Img, radius: number): Promise<Uint8Array> {
    return new Uint8Array(radius)
  }
  @parallel.method(import.meta, { priority: 2 })
  static async plain(radius: number): Promise<number> {
    return radius
  }
}
export class Bad {
  // @ts-expect-error sync: the static type would lie
  @parallel.method(import.meta) static sync(n: number): number {
    return n
  }
  // @ts-expect-error instance methods
  @parallel.method(import.meta) async instance(n: number): Promise<number> {
    return n
  }
  // @ts-expect-error private methods
  @parallel.method(import.meta) static async #hidden(n: number): Promise<number> {
    return n
  }
  static readonly use = Bad.#hidden
}
export function methods(): void {
  const blurred: Promise<Uint8Array> = Img.blur(3)
  void blurred
  const handle = handleOf(Img.plain(3))
  expect<Equal<typeof handle, TaskHandle<number>>>()
  handle.cancel('why')
}

type Self = typeof import('./defining-usage.js')
export function remotes(): void {
  const remote = importTasks<Self>(new URL('./defining-usage.js', import.meta.url), { metadata: { a: 1 } })
  const a = remote.plain(1)
  expect<Equal<typeof a, TaskHandle<{ x: number }>>>()
  const b = remote.resize('a', 1, 't')
  expect<Equal<typeof b, TaskHandle<Resized>>>()
  // @ts-expect-error not a function
  remote.constant
  // @ts-expect-error a class
  remote.Unused
  // @ts-expect-error no type argument: nothing is known
  importTasks(new URL('./defining-usage.js', import.meta.url)).plain(1)
  // @ts-expect-error a type that is forgotten
  importTasks('image').plain(1)
  const byId = importTasks<Self>('image')
  const c: Promise<{ x: number }> = byId.plain(3)
  void c
  // @ts-expect-error an id belongs to parallel()
  importTasks<Self>('image', { id: 'x' })
}

export class Service<F extends AnyFunction> {
  readonly fn: ParallelFunction<F>
  constructor(fn: ParallelFunction<F>) {
    this.fn = fn
  }
  call(...args: Parameters<F>) {
    return this.fn.with({ name: 'x' })(...args)
  }
}
