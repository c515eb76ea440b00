// A program with one pool for itself and the libraries that it uses.
// node build/examples/embedding/pool-from-caller.js
import { Pool } from '../../lib/index.js'
import { Checksums } from './checksums.js'

const pool = new Pool({ threads: 2, name: 'everything' })
const checksums = new Checksums(pool)

const bytes = new Uint8Array(new SharedArrayBuffer(1 << 20))
for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7

const sums = await checksums.blocks(bytes)
console.log(`${sums.length} blocks, the first is ${sums[0]?.toString(16)}`)
console.log(`${pool.stats().completed} tasks ran on the pool "everything"`)
await pool.close() // whoever makes a pool closes it
