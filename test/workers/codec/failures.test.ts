import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError, TaskTimeoutError, WorkerLostError } from '../../../lib/errors.js'
import { registerError } from '../../../lib/pool/index.js'
import { snapshotFailure } from '../../../lib/workers/codec/failures.js'
import { mark } from '../../../lib/workers/codec/moves.js'
import { restored } from '../../../lib/workers/codec/payload.js'

function travel(error: unknown): any {
  return restored(snapshotFailure(error, 'task'))
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

test('an error that is its own cause stays so, and so does a ring of two', () => {
  const error = new Error('ring')
  error.cause = error
  const revived = travel(error)
  assert.is(revived.cause, revived)
  const [first, second] = [new TypeError('first'), new RangeError('second')]
  first.cause = second
  second.cause = first
  const ring = travel(first)
  assert.is(ring.cause.cause, ring)
  assert.instance(ring.cause, RangeError)
})

test('one cause of two errors is one afterwards', () => {
  const cause = new Error('shared')
  const { errors } = travel(new AggregateError([new Error('a', { cause }), new Error('b', { cause })]))
  assert.is(errors[0].cause, errors[1].cause)
})

test('causes 5,000 deep travel', () => {
  let error = new Error('core')
  for (let i = 0; i < 5_000; i++) error = new TypeError(`${i}`, { cause: error })
  let at = travel(error)
  for (let i = 0; i < 5_000; i++) at = at.cause
  assert.is(at.message, 'core')
})

test('a DOMException keeps class, name and code', () => {
  const revived = travel(new DOMException('stopped', 'AbortError'))
  assert.instance(revived, DOMException)
  assert.equal([revived.name, revived.message, revived.code], ['AbortError', 'stopped', 20])
})

class BaseError extends Error {
  readonly #secret = 1
  status = 500
  get isServerError(): boolean {
    return this.status >= 500
  }
  get secret(): number {
    return this.#secret
  }
}
class ChildError extends BaseError {
  override name = 'ChildError'
}
registerError(BaseError)

test('an error of a registered class is of that class, and so is one of a class that extends it', () => {
  const revived = travel(Object.assign(new BaseError('no'), { status: 503 }))
  assert.instance(revived, BaseError)
  assert.equal([revived.status, revived.isServerError, revived.message], [503, true, 'no'])
  const child = travel(new ChildError('no', { cause: new BaseError('inner') }))
  assert.is(Object.getPrototypeOf(child), BaseError.prototype)
  assert.is(child.name, 'ChildError')
  assert.instance(child.cause, BaseError)
})

test('a class is registered once per name, and must be one of errors', () => {
  registerError(BaseError)
  registerError(ChildError, { name: 'shop.ChildError' })
  assert.is(Object.getPrototypeOf(travel(new ChildError('x'))), ChildError.prototype)
  assert.throws(
    () => registerError(class extends Error {}, { name: 'BaseError' }),
    /another class is registered as "BaseError"/,
  )
  assert.throws(() => registerError(Map as never), /needs a class that extends Error/)
  assert.throws(() => registerError((() => class extends Error {})()), /has no name/)
})

test('whether a property is enumerable stays as it was', () => {
  const error = Object.defineProperty(Object.assign(new Error('x'), { shown: 1 }), 'code', { value: 'E_X' })
  const revived = travel(error)
  assert.equal(Object.keys(revived), ['shown'])
  assert.is(revived.code, 'E_X')
})

test('what of an error cannot be carried is named, and the rest arrives', () => {
  const error = Object.assign(new TypeError('half', { cause: new RangeError('whole') }), { callback: () => 1, id: 7 })
  const revived = travel(error)
  assert.equal([revived.id, revived.cause.message, 'callback' in revived], [7, 'whole', false])
  assert.match(revived.stack, /\n {4}\(callback of task "task" is a function \(callback\)/)
  const cause = travel(new Error('outer', { cause: Object.assign(new Error('inner'), { bad: Symbol('s'), good: 1 }) }))
  assert.equal([cause.cause.good, 'bad' in cause.cause], [1, false])
})

test('an AggregateError brings its errors along', () => {
  const revived = travel(new AggregateError([new RangeError('one'), 'two', new AggregateError([3])], 'several'))
  assert.instance(revived, AggregateError)
  assert.is(revived.message, 'several')
  assert.is(Object.getPrototypeOf(revived.errors[0]), RangeError.prototype)
  assert.equal([revived.errors[0].message, revived.errors[1], revived.errors[2].errors], ['one', 'two', [3]])
})

test('each of the errors of an AggregateError arrives, in its place', () => {
  const twice = new RangeError('twice')
  const revived = travel(new AggregateError([twice, null, [twice], () => 1, revoked(), 'text', { twice }], 'several'))
  const { errors } = revived
  assert.not(Object.keys(revived).includes('errors'))
  assert.is(errors.length, 7)
  assert.is(errors[2][0], errors[0])
  assert.is(errors[6].twice, errors[0])
  assert.equal([errors[0].message, errors[1], errors[5]], ['twice', null, 'text'])
  assert.instance(errors[3], PayloadError)
  assert.match(errors[3].message, /^errors\[3\] of task "task" is a function/)
  assert.match(errors[4].message, /^errors\[4\] of task "task" is a Proxy/)
})

test('an AggregateError may be among its own errors, and so may their list', () => {
  const error = new AggregateError([], 'ring')
  error.errors.push(error, error.errors, new Error('inner', { cause: error }))
  const revived = travel(error)
  assert.is(revived.errors[0], revived)
  assert.is(revived.errors[1], revived.errors)
  assert.is(revived.errors[2].cause, revived)
})

test('AggregateErrors 3,000 deep travel', () => {
  let error: Error = new Error('core')
  for (let i = 0; i < 3_000; i++) error = new AggregateError([i, error])
  let at = travel(error)
  for (let i = 0; i < 3_000; i++) at = at.errors[1]
  assert.is(at.message, 'core')
})

test('what is no error arrives as it was thrown', () => {
  for (const thrown of [undefined, null, 0, 'text', 7n, { code: 1 }, [1, 2], new Map([[1, 2]])]) {
    assert.equal(travel(thrown), thrown)
  }
})

test('what is no error and cannot be cloned arrives as a PayloadError that says so', () => {
  for (const [thrown, what] of [
    [() => 1, /a task threw \(\) => 1, which/],
    [Symbol('s'), /a task threw Symbol\(s\)/],
    [Promise.resolve(), /a task threw \[object Promise\]/],
    [new Proxy({}, traps('read')), /a task threw \(a value that cannot be read\)/],
  ] as const) {
    const revived = travel(thrown)
    assert.instance(revived, PayloadError)
    assert.match(revived.message, what)
  }
})

/** Every look at the proxy throws. */
function traps(message: string): ProxyHandler<object> {
  return new Proxy({}, { get: () => () => assert.unreachable(message) })
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

test('a revoked Proxy that is thrown arrives as a PayloadError', () => {
  for (const thrown of [revoked(), revoked(() => 1), Object.create(revoked())]) {
    const revived = travel(thrown)
    assert.instance(revived, PayloadError)
    assert.match(revived.message, /a task threw \(a value that cannot be read\)/)
  }
})

test('a revoked Proxy in an error, or above it, does not keep the rest from arriving', () => {
  const error = new RangeError('outer', { cause: revoked() })
  const revived = travel(Object.assign(error, { good: 1, bad: [revoked()] }))
  assert.equal([revived.message, revived.good, 'bad' in revived, 'cause' in revived], ['outer', 1, false, false])
  assert.match(revived.stack, /\(cause of task "task" is a Proxy/)
  assert.match(revived.stack, /\(bad\[0\] of task "task" is a Proxy/)
  const strange = travel(Object.setPrototypeOf(new Error('strange'), revoked(Error.prototype)))
  assert.match(strange.message, /a task threw/)
})

test('a stack that was set by assignment arrives as it was set', () => {
  const error = new Error('x')
  error.stack = 'mine'
  assert.is(travel(error).stack, 'mine')
  assert.is(travel(Object.assign(new Error('x'), { stack: 5 })).stack, 5)
  Reflect.deleteProperty(error, 'stack')
  assert.is(travel(error).stack, undefined)
})

test('an error in the values of another is what it is, with its class and its properties', () => {
  const inner = Object.assign(new BaseError('inner'), { code: 'E_INNER' })
  const error: any = new Error('outer')
  const map = new Map([[inner, [inner]]])
  Object.assign(error, { inner, list: [inner], details: { self: error, deep: { inner } }, map })
  const revived = travel(error)
  assert.instance(revived.inner, BaseError)
  assert.equal([revived.inner.code, revived.inner.status], ['E_INNER', 500])
  assert.is(revived.list[0], revived.inner)
  assert.is(revived.details.self, revived)
  assert.is(revived.details.deep.inner, revived.inner)
  assert.is(revived.map.get(revived.inner)[0], revived.inner)
  const thrown = travel({ failed: [inner] })
  assert.instance(thrown.failed[0], BaseError)
})

test('own names and messages stay enumerable if they were', () => {
  class WithFields extends Error {
    override name = 'WithFields'
    override message = 'a field'
  }
  const revived = travel(new WithFields())
  assert.equal(Object.keys(revived).sort(), ['message', 'name'])
  assert.equal([revived.name, revived.message], ['WithFields', 'a field'])
})

test('what is marked for moving is copied when it is thrown', () => {
  const bytes = new Uint8Array([1, 2, 3])
  mark(bytes)
  const revived = travel(Object.assign(new Error('x'), { bytes, bad: () => 1 }))
  assert.equal([revived.bytes, bytes.length], [Uint8Array.of(1, 2, 3), 3])
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
