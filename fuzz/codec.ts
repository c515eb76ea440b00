// npm run fuzz [-- SECONDS]: feeds the decoder until the time is up, and keeps what breaks it in fuzz/corpus/codec/, where
// the tests find it for ever.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { anyBytes, judge } from './codec-input.js'

const seconds = Number(process.argv[2] ?? 60)
const corpus = new URL('../../fuzz/corpus/codec/', import.meta.url)
const end = Date.now() + seconds * 1000
let inputs = 0
while (Date.now() < end) {
  const result = fc.check(fc.property(anyBytes, judge), { numRuns: 1_000 })
  inputs += result.numRuns
  if (!result.failed) continue
  const [bytes] = result.counterexample as [Uint8Array]
  const hex = Buffer.from(bytes).toString('hex')
  const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.hex`
  writeFileSync(new URL(name, corpus), `${hex}\n`)
  console.log(`fuzz/corpus/codec/${name}: ${hex}\n${result.errorInstance}`)
  process.exitCode = 1
  break
}
console.log(`${inputs} inputs`)
