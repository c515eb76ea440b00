import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError, TaskTimeoutError, WorkerLostError } from '../../../lib/errors.js'
import { reviveFailure, snapshotFailure } from '../../../lib/workers/codec/failures.js'
import { restored } from '../../../lib/workers/codec/payload.js'

function travel(error: unknown): any {
  return reviveFailure(restored(snapshotFailure(error, 'task')))
}

for (const type of [Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError]) {
  test(`a ${type.name} keeps class, name, message and stack`, () => {
    const error = new type('broken')
    const revived = travel(error)
    assert.is(Object.getPrototypeOf(revived), type.prototype)
    assert.is(revived.name, type.name)
    assert.is(revived.message, 'broken')
    assert.is(revived.stack, error.stack)
    assert.equal(Object.keys(revived), [])
  })
}

test('errors of the library keep their class, and fields of it', () => {
  const timeout = travel(new TaskTimeoutError('late', 'queueTimeout'))
  assert.is(Object.getPrototypeOf(timeout), TaskTimeoutError.prototype)
  assert.equal([timeout.name, timeout.code, timeout.limit], ['TimeoutError', 'ERR_PARALLEL_TIMEOUT', 'queueTimeout'])
  const lost = travel(new WorkerLostError('dead', 7))
  assert.is(Object.getPrototypeOf(lost), WorkerLostError.prototype)
  assert.equal([lost.name, lost.exitCode], ['WorkerLostError', 7])
  assert.is(Object.getPrototypeOf(travel(new PayloadError('no'))), PayloadError.prototype)
})

test('a class that is not known here arrives as the built-in it extends, under its name', () => {
  class ParseError extends SyntaxError {
    override name = 'ParseError'
    readonly line = 12
  }
  const revived = travel(new ParseError('unexpected'))
  assert.is(Object.getPrototypeOf(revived), SyntaxError.prototype)
  assert.equal([revived.name, revived.line], ['ParseError', 12])
})

test('own properties travel, also those that are not enumerable', () => {
  const error = Object.assign(new Error('no file'), { code: 'ENOENT', errno: -2, details: { path: ['a'] } })
  Object.defineProperty(error, 'hidden', { value: 5, enumerable: false })
  const revived = travel(error)
  assert.equal([revived.code, revived.errno, revived.details, revived.hidden], ['ENOENT', -2, { path: ['a'] }, 5])
})

test('causes travel, one within the other, and a cause may be anything', () => {
  const error = new Error('outer', { cause: new TypeError('middle', { cause: { plain: true } }) })
  const revived = travel(error)
  assert.is(Object.getPrototypeOf(revived.cause), TypeError.prototype)
  assert.is(revived.cause.message, 'middle')
  assert.equal(revived.cause.cause, { plain: true })
  assert.not(Object.keys(revived).includes('cause'))
})

test('an error without a cause has none afterwards, and an undefined one stays', () => {
  assert.not('cause' in travel(new Error('no cause')))
  assert.ok('cause' in travel(new Error('undefined cause', { cause: undefined })))
})

test('an error that is its own cause arrives with an end', () => {
  const error = new Error('ring')
  error.cause = error
  let depth = 0
  for (let at = travel(error); at !== undefined; at = at.cause) {
    assert.is(at.message, 'ring')
    depth++
  }
  assert.ok(depth > 1 && depth < 20, `${depth}`)
})

test('an AggregateError brings its errors along', () => {
  const revived = travel(new AggregateError([new RangeError('one'), 'two', new AggregateError([3])], 'several'))
  assert.instance(revived, AggregateError)
  assert.is(revived.message, 'several')
  assert.is(Object.getPrototypeOf(revived.errors[0]), RangeError.prototype)
  assert.equal([revived.errors[0].message, revived.errors[1], revived.errors[2].errors], ['one', 'two', [3]])
})

test('what is no error arrives as it was thrown', () => {
  for (const thrown of [undefined, null, 0, 'text', 7n, { code: 1 }, [1, 2], new Map([[1, 2]])]) {
    assert.equal(travel(thrown), thrown)
  }
})

test('what is no error and cannot be cloned arrives as an Error that says so', () => {
  const revived = travel(() => 1)
  assert.instance(revived, Error)
  assert.match(revived.message, /a task threw .*=> 1/)
})

test('a property that cannot be cloned does not keep the error from arriving', () => {
  const revived = travel(Object.assign(new TypeError('with a callback'), { callback: () => 1 }))
  assert.is(Object.getPrototypeOf(revived), TypeError.prototype)
  assert.is(revived.message, 'with a callback')
})

test('a property that throws when it is read does not keep the error from arriving', () => {
  const error = new RangeError('with a trap')
  Object.defineProperty(error, 'trap', {
    get() {
      throw new Error('read')
    },
  })
  Object.defineProperty(error, 'stack', {
    get() {
      throw new Error('read')
    },
  })
  const revived = travel(error)
  assert.is(Object.getPrototypeOf(revived), RangeError.prototype)
  assert.is(revived.message, 'with a trap')
})

test.run()
