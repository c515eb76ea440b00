import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SharedBuffers } from '../../lib/workers/shared-buffers.js'
import { until } from '../support/hang-limit.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

function recorded(): { buffers: SharedBuffers; announced: WeakRef<object>[]; released: number[] } {
  const announced: WeakRef<object>[] = []
  const released: number[] = []
  const buffers = new SharedBuffers({
    reference: (value) => announced.push(new WeakRef(value)),
    release: (number) => void released.push(number),
  })
  return { buffers, announced, released }
}

test('a buffer is announced once, however often it is passed', () => {
  const { buffers, announced } = recorded()
  const buffer = new SharedArrayBuffer(8)
  for (let i = 0; i < 10_000; i++) assert.is(buffers.numberOf(buffer), 1)
  assert.is(announced.length, 1)
  assert.is(buffers.get(1), buffer)
  assert.is(buffers.get(2), undefined)
  assert.equal(
    [...buffers.known(5)].map((known) => ({ ...known, value: undefined })),
    [{ reference: 1, value: undefined, owner: 5 }],
  )
})

test('a buffer that nobody holds is released, and only that one', async () => {
  const { buffers, released } = recorded()
  const kept = new SharedArrayBuffer(8)
  buffers.numberOf(kept)
  for (let i = 0; i < 3; i++) buffers.numberOf(new SharedArrayBuffer(8))
  await until(() => {
    gc()
    return released.length === 3
  }, 'the release of three buffers')
  assert.equal([...released].sort(), [2, 3, 4])
  assert.is(buffers.get(1), kept)
  assert.is([...buffers.known(0)].length, 1)
})

test.run()
