import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as here from '../lib/errors.js'
import { throwFromCopy } from './fixtures/copies.js'
import { rejectionOf } from './support/hang-limit.js'

const there = (await import(new URL('../lib/errors.js?copy', import.meta.url).href)) as typeof here

type Library = typeof here

function make(library: Library): Record<string, Error> {
  return {
    TaskTimeoutError: new library.TaskTimeoutError('late', 'get'),
    TaskCancelledError: new library.TaskCancelledError('cancelled'),
    WorkerLostError: new library.WorkerLostError('lost', 1),
    WorkerStartError: new library.WorkerStartError('no start'),
    QueueFullError: new library.QueueFullError('full', { capacity: 1, queued: 1 }),
    ShutdownError: new library.ShutdownError('closed'),
    PayloadError: new library.PayloadError('payload'),
    TaskNotFoundError: new library.TaskNotFoundError('not found'),
    TaskLoadError: new library.TaskLoadError('load'),
    InlineClosureError: new library.InlineClosureError('closure', 'x'),
    SyncWaitError: new library.SyncWaitError('wait'),
    LayoutError: new library.LayoutError('layout', { expected: 1, found: 2 }),
    OptionError: new library.OptionError('option'),
  }
}
const typeOf = (library: Library, name: string) => library[name as keyof Library] as unknown as new () => Error

test('every class is tried', () => {
  const classes = Object.keys(here).filter((name) => name.endsWith('Error') && name !== 'ParallelError')
  assert.equal(Object.keys(make(here)).sort(), classes.sort())
})

test('an error is an instance of its class in every copy of the library, and of no other', () => {
  assert.is.not(here.ParallelError, there.ParallelError)
  for (const [name, error] of Object.entries({ ...make(there) })) {
    for (const other of Object.keys(make(here)))
      assert.is(error instanceof typeOf(here, other), other === name, `${name} instanceof ${other}`)
    assert.ok(error instanceof here.ParallelError, name)
  }
})

test('an OptionError is a TypeError too', () => {
  assert.ok(new here.OptionError('wrong') instanceof TypeError)
})

test('what only looks like one of them is none', () => {
  const fake = Object.assign(new Error('fake'), { code: 'ERR_PARALLEL_TIMEOUT' })
  assert.not(fake instanceof here.TaskTimeoutError)
  assert.not(fake instanceof here.ParallelError)
  for (const value of [null, undefined, 7, 'text', {}, new Error('plain'), new TypeError('plain')]) {
    assert.not((value as unknown) instanceof here.ParallelError)
    assert.not((value as unknown) instanceof here.OptionError)
  }
})

test('a subclass of the user takes its own instances alone', () => {
  class MyTimeout extends here.TaskTimeoutError {}
  class MyOption extends here.OptionError {}
  class MyError extends here.ParallelError {
    readonly code = 'ERR_PARALLEL_MINE'
  }
  const mine = new MyTimeout('mine', 'get')
  assert.ok(
    mine instanceof MyTimeout && mine instanceof here.TaskTimeoutError && mine instanceof there.TaskTimeoutError,
  )
  assert.not(new here.TaskTimeoutError('late', 'get') instanceof MyTimeout)
  assert.not(new there.TaskTimeoutError('late', 'get') instanceof MyTimeout)
  assert.not(new here.OptionError('wrong') instanceof MyOption)
  assert.ok(new MyOption('wrong') instanceof there.OptionError)
  assert.ok(new MyError('mine') instanceof here.ParallelError)
  assert.not(make(here).ShutdownError instanceof MyError)
})

test('names are those of the documentation, whatever a minifier makes of the classes; subclasses have their own', () => {
  for (const [name, error] of Object.entries(make(here))) {
    const expected = { TaskTimeoutError: 'TimeoutError', TaskCancelledError: 'AbortError' }[name] ?? name
    assert.is(error.name, expected)
    assert.not(Object.keys(error).includes('name'))
  }
  class MyLoss extends here.WorkerLostError {}
  assert.is(new MyLoss('mine', 1).name, 'MyLoss')
  assert.is(new (class a extends here.WorkerLostError {})('mine', 1).name, 'a')
})

test('an error of another copy that a task throws keeps its class', async () => {
  const error = await rejectionOf(throwFromCopy())
  assert.instance(error, here.WorkerLostError)
  assert.is(error.name, 'WorkerLostError')
  assert.is(error.exitCode, 7)
})

test.run()
