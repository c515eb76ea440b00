import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { importTasks, OptionError, TaskLoadError, TaskNotFoundError } from '../../lib/index.js'
import { newGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

type Remote = typeof import('../fixtures/remote.js')

const url = new URL('../fixtures/remote.js', import.meta.url)
const remote = importTasks<Remote>(url)
/** Names that the types do not let through. */
const any = remote as unknown as Record<string, (...args: unknown[]) => PromiseLike<unknown>>

function refused(act: () => unknown, ...words: string[]): void {
  const error = thrownBy(act)
  assert.instance(error, OptionError)
  for (const word of words) assert.ok(error.message.includes(word), `"${word}" in: ${error.message}`)
}

test('the functions that a module exports run in workers; the host never evaluates it', async () => {
  assert.is(await settles(remote.plain(1)), 2)
  assert.is(await settles(remote.later(1)), 3)
  assert.is(await settles(remote.arrow(1)), 4)
  assert.is(await settles(remote.default(1)), 5)
  assert.type(await settles(remote.where()), 'number')
  assert.is(
    await rejectionOf(import(url.href)).then((error) => error.message),
    'the host has evaluated a remote module',
  )
})

test('a module may be named by the text of its URL, or by its path', async () => {
  assert.is(await settles(importTasks<Remote>(url.href).plain(1)), 2)
  assert.is(await settles(importTasks<Remote>(url.pathname).plain(1)), 2)
})

test('of a parallel function, the function itself runs', async () => {
  assert.is(await settles(remote.named()), 'named')
  assert.equal(remote.named().metadata, {}, 'its own options do not reach the host')
  const handle = importTasks<Remote>(url, { metadata: { given: true } }).named()
  assert.equal(handle.metadata, { given: true })
  await settles(handle)
})

test('the functions of a remote module call each other as children', () =>
  withPool({ threads: 2 }, async (pool) => {
    assert.is(await settles(remote.fibonacci.with({ pool })(14)), 377)
    assert.is(await settles(remote.fibonacci.with({ pool })(16)), 987)
  }))

test('a remote function that a module has imported is called as a child', async () => {
  assert.is(await settles(remote.passedOn(4)), 8)
})

test('a task may call functions of importTasks, and inline ones', async () => {
  assert.is(await settles(remote.callsRemote(3)), 14)
  assert.equal(await settles(remote.callsInline(4)), [0, 1, 4, 9])
})

test('children that only workers know are stolen', () =>
  withPool({ threads: 2 }, async (pool) => {
    const { meetInWorkers } = importTasks<typeof import('../fixtures/remote-parents.js')>(
      new URL('../fixtures/remote-parents.js', import.meta.url),
      { pool },
    )
    assert.equal((await settles(meetInWorkers(newGate()))).toSorted(), [1, 2])
  }))

test('a function is made once, has a name, and takes options', async () => {
  const { plain } = remote
  assert.is(plain, remote.plain)
  assert.is(plain.taskName, 'plain')
  const named = plain.with({ name: 'other', priority: 1 })
  assert.is(named.taskName, 'other')
  assert.is(await settles(named(2)), 3)
  await withPool({ threads: 1 }, async (pool) => {
    assert.is(await settles(pool.run(plain, [5])), 6)
  })
})

test('a pool binds all functions of a module', () =>
  withPool({ threads: 1 }, async (pool) => {
    const bound = pool.bind(importTasks<Remote>(url, { metadata: { kept: 1 } }))
    const handle = bound.plain(1)
    assert.equal(handle.metadata, { kept: 1 })
    assert.is(await settles(handle), 2)
    assert.is(pool.stats().completed, 1)
  }))

test('in a pool without threads the module is evaluated on the host, as it must be', () =>
  withPool({ threads: 0 }, async (pool) => {
    const others = importTasks<typeof import('../fixtures/cousins.js')>(
      new URL('../fixtures/cousins.js', import.meta.url),
      { pool },
    )
    assert.is(await settles(others.other(1)), 2)
    assert.is(await settles(others.other(2)), 3)
  }))

test('items.map sends the item alone: nothing is known of the parameters', async () => {
  assert.equal(await settles(Promise.all([1, 2].map(remote.counted))), [1, 1])
})

test('local of a remote function says why there is none', () => {
  refused(() => remote.plain.local, '"plain".local', 'not evaluated on this thread')
  refused(() => remote.plain.with({ name: 'x' }).local, 'not evaluated')
})

test('await, inspect, JSON and the like find nothing in the object', async () => {
  assert.is(await settles(Promise.resolve(remote)), remote)
  assert.is(JSON.stringify({ remote }), '{"remote":{}}')
  assert.type(inspect(remote), 'string')
  assert.equal(Object.keys(remote), [])
  assert.is('then' in remote, false)
  assert.is('plain' in remote, true)
  const all = remote as unknown as Record<string | symbol, unknown>
  for (const key of ['then', 'toJSON', 'constructor', 'toString', Symbol.toPrimitive, Symbol.iterator])
    assert.is(all[key], undefined, String(key))
})

test('the object cannot be changed', () => {
  refused(() => Object.assign(remote, { plain: 1 }), 'cannot be changed')
  refused(() => Reflect.deleteProperty(remote, 'plain'), 'cannot be changed')
})

test('a name that is not exported is a TaskNotFoundError that lists what is', async () => {
  const error = await rejectionOf(any.absent!())
  assert.instance(error, TaskNotFoundError)
  assert.match(error.message, /remote\.js exports no "absent"; it exports .*\bplain\b/)
  assert.not.match(error.message, /\bBox\b|\bconstant\b/)
})

test('what is exported and no function is named', async () => {
  for (const [key, what] of [
    ['constant', 'the number 42'],
    ['text', 'the string "words"'],
    ['Box', 'a class'],
  ] as const) {
    const error = await rejectionOf(any[key]!())
    assert.instance(error, TaskNotFoundError)
    assert.ok(error.message.includes(`"${key}"`) && error.message.includes(what), error.message)
  }
})

test('the functions of a CommonJS module are found, also those that Node cannot list', async () => {
  const cjs = importTasks<{ seen(x: number): number; unseen(x: number): number }>(
    new URL('../../../test/fixtures/remote.cjs', import.meta.url),
  )
  assert.is(await settles(cjs.seen(1)), 2)
  assert.is(await settles(cjs.unseen(1)), 3)
})

test('a module that is not there, or throws, is a TaskLoadError', async () => {
  const absent = importTasks<Remote>(new URL('./not-there.js', import.meta.url))
  const error = await rejectionOf(absent.plain(1))
  assert.instance(error, TaskLoadError)
  assert.match(error.message, /not-there\.js/)
  const throwing = importTasks<{ fails(): void }>(new URL('../fixtures/throws.js', import.meta.url))
  assert.instance(await rejectionOf(throwing.fails()), TaskLoadError)
})

test('an id that nobody serves is a TaskNotFoundError that shows serve and createWorker', async () => {
  const error = await rejectionOf(importTasks<Remote>('image').plain(1))
  assert.instance(error, TaskNotFoundError)
  assert.match(error.message, /"image".*serve\(\{ image: … \}\).*createWorker/)
})

test('a path that is relative is refused, and what to write is shown', () => {
  for (const path of ['./tasks.js', '../tasks', 'tasks.ts', 'lib\\tasks', '.'])
    refused(() => importTasks(path), JSON.stringify(path), 'new URL("', 'import.meta.url')
})

test('what is neither a URL nor an id is refused', () => {
  for (const module of [undefined, null, 7, '', {}, import.meta]) refused(() => importTasks(module as never), 'a URL')
  for (const module of ['node:fs', 'blob:nodedata:1', 'image:2']) refused(() => importTasks(module), 'cannot import')
  refused(() => importTasks('image', { retries: 3 } as object), 'retries')
  refused(() => importTasks('image', { id: 'x' } as object), '"id"')
})

test.run()
