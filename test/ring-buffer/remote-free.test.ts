import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_BLOCK, RemoteFreeStack } from '../../lib/ring-buffer/index.js'

const HEAD = 0

function chain(stack: RemoteFreeStack): number[] {
  const blocks: number[] = []
  for (let block = stack.takeAll(); block !== NO_BLOCK; block = stack.next(block)) blocks.push(block)
  return blocks
}

test('the owner takes all blocks at once, the last one first', () => {
  const stack = new RemoteFreeStack(new Int32Array(new SharedArrayBuffer(256)), HEAD)
  for (const block of [8, 16, 4]) stack.push(block)
  assert.equal(chain(stack), [4, 16, 8])
  assert.equal(chain(stack), [])
})

test('a block may come home again after it was taken', () => {
  const stack = new RemoteFreeStack(new Int32Array(new SharedArrayBuffer(256)), HEAD)
  stack.push(8)
  assert.equal(chain(stack), [8])
  stack.push(16)
  stack.push(8)
  assert.equal(chain(stack), [8, 16])
})

test('only the first word of a block is written', () => {
  const words = new Int32Array(new SharedArrayBuffer(256)).fill(7, 1)
  const stack = new RemoteFreeStack(words, HEAD)
  stack.push(8)
  stack.push(16)
  const changed = [...words.keys()].filter((word) => word > HEAD && words[word] !== 7)
  assert.equal(changed, [8, 16])
})

test.run()
