import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError, taskInfo } from '../../lib/index.js'
import { echo, fail } from '../fixtures/basic.js'
import { abort, PaymentError, pays, throwsValue } from '../fixtures/payment-error.js'
import { rejectionOf, thrownBy } from '../support/hang-limit.js'
import { newPool, onHost } from '../support/pools.js'

const pool = newPool({ threads: 2 })

test('an error of a registered class is of that class', async () => {
  const error = await rejectionOf(pool.run(pays, [5_000]))
  assert.instance(error, PaymentError)
  assert.equal([error.message, error.amount, error.isLarge], ['refused', 5_000, true])
})

test('a DOMException is one', async () => {
  const error = await rejectionOf(pool.run(abort, []))
  assert.instance(error, DOMException)
  assert.equal([error.name, error.message], ['AbortError', 'stopped'])
})

test('what is thrown and no error arrives as it was', async () => {
  for (const value of [7, 'text', undefined, null, { code: 1 }, [1, [2]]]) {
    const thrown = await pool.run(throwsValue, [value]).then(
      () => assert.unreachable(),
      (reason: unknown) => reason,
    )
    assert.equal(thrown, value)
  }
})

test('an error that is returned keeps what structured clone keeps', async () => {
  const back = (await pool.run(echo, [new RangeError('as a value', { cause: { a: 1 } })])) as RangeError
  assert.instance(back, RangeError)
  assert.equal([back.message, back.cause], ['as a value', { a: 1 }])
})

test('taskInfo says which call has failed', async () => {
  const handle = pool.run(fail, ['oops'])
  const error = await rejectionOf(handle)
  const info = taskInfo(error)
  assert.equal([info?.id, info?.name, info?.attempt], [handle.id, 'fail', 1])
  assert.ok(onHost || (info?.workerId ?? 0) > 0)
  assert.equal(info?.timing, handle.timing)
  assert.is(taskInfo(thrownBy(() => handle.get())), info)
})

test('it says so of calls that were refused, and nothing of other errors', async () => {
  const handle = pool.run(echo, [() => {}])
  const error = await rejectionOf(handle)
  assert.instance(error, PayloadError)
  assert.equal([taskInfo(error)?.id, taskInfo(error)?.workerId], [handle.id, undefined])
  for (const other of [new Error('mine'), 5, null, undefined, 'x']) assert.is(taskInfo(other), undefined)
})

test.after(async () => {
  await pool.close()
})

test.run()
