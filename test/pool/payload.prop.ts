import { deepStrictEqual } from 'node:assert'
import * as fc from 'fast-check'
import { test } from 'uvu'
import { Pool } from '../../lib/index.js'
import { asyncEcho, count, echo } from '../fixtures/basic.js'
import { anyCloneable, anyPrimitive, holdsAsync } from '../support/arbitrary-values.js'

const pool = new Pool({ threads: 2 })

test('a value that went there and back is what structuredClone gives', () =>
  holdsAsync(
    fc.asyncProperty(anyCloneable, async (value) => {
      deepStrictEqual(await pool.run(echo, [value]), structuredClone(value))
    }),
    1_000,
  ))

test('a primitive that went there and back is the same', () =>
  holdsAsync(
    fc.asyncProperty(anyPrimitive, async (value) => {
      deepStrictEqual(await pool.run(asyncEcho, [value]), value)
      deepStrictEqual(pool.run(echo, [value]).get(), value)
    }),
    1_000,
  ))

test('values that travel at the same time are not mixed up', () =>
  holdsAsync(
    fc.asyncProperty(fc.array(anyCloneable, { minLength: 2, maxLength: 40 }), async (values) => {
      const back = await Promise.all(values.map((value) => pool.run(echo, [value])))
      deepStrictEqual(
        back,
        values.map((value) => structuredClone(value)),
      )
    }),
    100,
  ))

test('all arguments arrive', () =>
  holdsAsync(
    fc.asyncProperty(fc.array(anyCloneable, { maxLength: 8 }), async (values) => {
      deepStrictEqual(await pool.run(count, values), values.length)
    }),
    200,
  ))

test.after(async () => {
  await pool.close()
})

test.run()
