import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError } from '../../../lib/errors.js'
import { bytesWith, Manifest } from '../../../lib/workers/codec/manifest.js'
import { Memory } from '../../../lib/workers/memory.js'
import { thrownBy } from '../../support/hang-limit.js'

test('a manifest follows its payload, whatever that is long', () => {
  for (let length = 0; length < 20; length++) {
    const cargo = { shared: [{}, {}], moved: undefined }
    const size = bytesWith(cargo, length)
    const memory = new Memory(new SharedArrayBuffer(16 + size), 0, 16 + size)
    memory.bytes.fill(0xaa, 16, 16 + length)
    new Manifest(memory, 16, length).write(7, [4_000_000_000, 5])
    assert.equal(new Manifest(memory, 16, length).read(), { payload: 7, numbers: [4_000_000_000, 5] })
    assert.ok(memory.bytes.subarray(16, 16 + length).every((byte) => byte === 0xaa))
  }
})

test('a manifest that nobody has written is a PayloadError', () => {
  const memory = new Memory(new SharedArrayBuffer(64), 0, 64)
  memory.bytes.fill(0xff)
  for (const [offset, length] of [
    [0, 0],
    [40, 8],
    [56, 8],
    [-64, 8],
    [1_000, 8],
  ] as const) {
    assert.instance(
      thrownBy(() => new Manifest(memory, offset, length).read()),
      PayloadError,
    )
  }
})

test.run()
