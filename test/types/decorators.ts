// Only has to compile, with standard decorators and with experimentalDecorators.
import { handleOf, parallel, type TaskHandle } from '../../lib/index.js'
import { holds, type Same } from './same.js'

class Picture {
  static depth = 8

  @parallel.method(import.meta)
  static async blur(this: typeof Picture, radius: number): Promise<Uint8Array> {
    return new Uint8Array(radius * this.depth)
  }

  @parallel.method(import.meta, { priority: 2 })
  static async scale(factor: number, ...more: string[]): Promise<number> {
    return factor + more.length
  }
}

const blurred: Promise<Uint8Array> = Picture.blur(3)
const handle = handleOf(Picture.scale(3, 'x'))
holds<Same<typeof handle, TaskHandle<number>>>()
handle.cancel('why')
// @ts-expect-error the method keeps its parameters
Picture.scale('3')
// @ts-expect-error nothing but a promise has a handle
handleOf(3)

class Misplaced {
  // @ts-expect-error a synchronous method would give a promise all the same
  @parallel.method(import.meta)
  static sync(n: number): number {
    return n
  }

  // @ts-expect-error an object would have to travel
  @parallel.method(import.meta)
  async instance(n: number): Promise<number> {
    return n
  }

  // @ts-expect-error a worker could not find it by its name
  @parallel.method(import.meta)
  static async #hidden(n: number): Promise<number> {
    return n
  }
  static readonly hidden = Misplaced.#hidden

  // @ts-expect-error there is no such option
  @parallel.method(import.meta, { prioritty: 2 })
  static async options(n: number): Promise<number> {
    return n
  }
}

export { blurred, Misplaced }
