import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chaos } from '../../fuzz/chaos/chaos.js'

const SEED = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)

test('every call and child is accounted for, whatever kills its workers', async () => {
  console.log(`\nFC_SEED=${SEED}`)
  const { figures } = await chaos({ seconds: 12, seed: SEED })
  assert.ok(figures.tasks > 0 && figures.completed > 0, JSON.stringify(figures))
})

test.run()
