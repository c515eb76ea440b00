import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  importTasks,
  OptionError,
  Pool,
  type PoolOptions,
  parallel,
  TaskNotFoundError,
  type WorkerLike,
  WorkerLostError,
  WorkerStartError,
} from '../../lib/index.js'
import { serve } from '../../lib/workers/serve.js'
import { add } from '../fixtures/basic.js'
import { fib, seen } from '../fixtures/served/image.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

type Image = typeof import('../fixtures/served/image.js')
type Plain = typeof import('../fixtures/served/plain.js')

const entry = (name: string): URL => new URL(`../fixtures/served/${name}.js`, import.meta.url)
const createWorker = (): Worker => new Worker(entry('entry'))
const withServed = <T>(options: PoolOptions, body: (pool: Pool) => Promise<T>): Promise<T> =>
  withPool({ threads: 1, createWorker, ...options }, body)

test('tasks run in workers that createWorker makes: with an id, remote, inline and by URL', () =>
  withServed({ threads: 2 }, async (pool) => {
    assert.is(await settles(pool.run(fib, [15])), 610)
    const image = pool.bind(importTasks<Image>('image'))
    const { plain } = pool.bind(importTasks<Plain>('plain'))
    assert.is(await settles(image.fib(10)), 55)
    assert.is(await settles(plain(1)), 2)
    assert.is(await settles(pool.run(add, [1, 2])), 3)
    assert.is(pool.run(fib, [5]).get(), 5)
  }))

test('what the entry imports knows that it is in a worker, with its number and its data', () =>
  withServed({ workerData: { tenant: 'a' } }, async (pool) => {
    assert.equal(await settles(pool.run(seen, [])), { isWorker: true, workerData: { tenant: 'a' }, workerId: 1 })
  }))

test('an id that is not served is named, and so are those that are', () =>
  withServed({}, async (pool) => {
    const error = await rejectionOf(importTasks<Plain>('absent', { pool }).plain(1))
    assert.instance(error, TaskNotFoundError)
    assert.match(error.message, /"absent".*only image, plain.*serve\(/)
    const missing = await rejectionOf(importTasks<Image>('plain', { pool }).exit(1))
    assert.match(missing.message, /the module that is served as "plain" exports no "exit"; it exports plain/)
  }))

test('a served worker that dies costs its task, and is replaced', () =>
  withServed({}, async (pool) => {
    const error = await rejectionOf(importTasks<Image>('image', { pool }).exit(3))
    assert.instance(error, WorkerLostError)
    assert.is(error.exitCode, 3)
    assert.is(await settles(pool.run(fib, [5])), 5)
    assert.is(pool.stats().respawns, 1)
  }))

/** What an embedder may wrap a thread in: it says nothing of its own. */
class Silent implements WorkerLike {
  readonly inner = createWorker()
  postMessage(value: unknown, transfer: readonly any[] = []): void {
    this.inner.postMessage(value, transfer)
  }
  terminate(): void {
    void this.inner.terminate()
  }
}

test('a worker without events is enough: its death is seen on its port', async () => {
  const made: Silent[] = []
  const silent = (): Silent => {
    const worker = new Silent()
    worker.inner.unref()
    made.push(worker)
    return worker
  }
  await withServed({ createWorker: silent }, async (pool) => {
    assert.is(await settles(pool.run(fib, [5])), 5)
    const error = await rejectionOf(importTasks<Image>('image', { pool }).exit(3))
    assert.instance(error, WorkerLostError)
    assert.is(await settles(pool.run(fib, [6])), 8)
    assert.is(made.length, 2)
  })
})

test('a pool of such workers closes in order, and shrinks when it is idle', async () => {
  const exits: number[] = []
  const counted = (): Worker => createWorker().on('exit', (code) => exits.push(code))
  await withServed({ threads: 2, createWorker: counted }, async (pool) => {
    await settles(pool.ready())
    assert.is((await settles(pool.close())).clean, true)
  })
  await until(() => exits.length === 2, 'the end of two threads')
})

test('threads that such a worker starts are none of the pool', () =>
  withServed({}, async (pool) => {
    const nested = parallel(async (url: string) => {
      const { Worker: Thread } = await import('node:worker_threads')
      const text = `import(${JSON.stringify(url)}).then(({ isWorker }) => require('node:worker_threads').parentPort.postMessage(isWorker))`
      return new Promise((resolve, reject) => {
        new Thread(text, { eval: true }).once('message', resolve).once('error', reject)
      })
    })
    const library = new URL('../../lib/index.js', import.meta.url).href
    assert.is(await settles(pool.run(nested, [library])), false)
  }))

async function startFailure(options: PoolOptions): Promise<any> {
  const pool = new Pool({ threads: 1, ...options })
  pool.on('error', () => {})
  try {
    const error = await rejectionOf(pool.run(add, [1, 2]))
    assert.instance(error, WorkerStartError)
    return error
  } finally {
    await settles(pool.close({ timeout: 0 }))
  }
}

test('an entry that never calls serve is a WorkerStartError after the load timeout', async () => {
  const { message } = await startFailure({ createWorker: () => new Worker(entry('never')), loadTimeout: 300 })
  assert.match(message, /has not called serve\(\) within loadTimeout = 300 ms.*makeparallel\/worker/)
})

test('it is one too while the host is blocked', async () => {
  const pool = new Pool({ threads: 1, createWorker: () => new Worker(entry('never')), loadTimeout: 300 })
  pool.on('error', () => {})
  const error = thrownBy(() => pool.run(add, [1, 2]).get())
  assert.instance(error, WorkerStartError)
  assert.match(error.message, /has not called serve\(\)/)
  await settles(pool.close({ timeout: 0 }))
})

test('the own worker that what it preloads never lets start is one as well', async () => {
  const { message } = await startFailure({
    execArgv: ['--import', 'data:text/javascript,setInterval(()=>{},1000); await new Promise(()=>{})'],
    loadTimeout: 300,
  })
  assert.match(message, /has not started within 5000 ms/)
})

test('an entry that calls a task while it is evaluated is told how to guard it', async () => {
  const { message } = await startFailure({ createWorker: () => new Worker(entry('calls')) })
  assert.match(message, /"early" is called while its module is being evaluated.*isWorker/s)
})

test('a createWorker that throws, or returns no worker, is a WorkerStartError that says what it did', async () => {
  const failing = (createWorker: () => unknown): Promise<any> => startFailure({ createWorker } as PoolOptions)
  const thrown = await failing(() => {
    throw new RangeError('no more threads')
  })
  assert.match(thrown.message, /createWorker threw: no more threads/)
  assert.instance(thrown.cause, RangeError)
  for (const [value, words] of [
    [undefined, /undefined/],
    [7, /7/],
    [{}, /an object without them/],
    [{ postMessage() {} }, /postMessage and terminate/],
    [Promise.resolve(), /a promise/],
  ] as const)
    assert.match((await failing(() => value)).message, words)
  const broken = await failing(() => ({
    postMessage() {
      throw new Error('closed')
    },
    terminate() {},
  }))
  assert.match(broken.message, /boot record: closed/)
})

test('a createWorker that returns the same worker twice is refused', async () => {
  const worker = createWorker()
  const pool = new Pool({ threads: 2, createWorker: () => worker })
  const errors: any[] = []
  pool.on('error', (error) => errors.push(error))
  await rejectionOf(Promise.all([pool.run(fib, [5]), pool.run(fib, [6])]))
  assert.match(errors[0].message, /the same worker again/)
  await settles(pool.close({ timeout: 0 }))
})

test('a worker that was made before the call of createWorker is told so', async () => {
  const early = createWorker()
  const error = await new Promise<any>((resolve) => early.once('error', resolve))
  assert.match(error.message, /no worker of a pool.*in the call of createWorker/)
})

test('serve is refused on the host, and for what is no module', () => {
  const error = thrownBy(() => serve({ image: {} }))
  assert.instance(error, OptionError)
  assert.match(error.message, /no worker of a pool/)
  for (const modules of [undefined, null, 'image'])
    assert.instance(
      thrownBy(() => serve(modules as never)),
      OptionError,
    )
})

test('createWorker excludes what it would have to be told of itself', () => {
  for (const [key, value] of Object.entries({ env: {}, execArgv: [], resourceLimits: {} })) {
    const error = thrownBy(() => new Pool({ createWorker, [key]: value }))
    assert.instance(error, OptionError)
    assert.ok(error.message.includes(key), error.message)
  }
  assert.instance(
    thrownBy(() => new Pool({ createWorker: 7 } as never)),
    OptionError,
  )
})

test.run()
