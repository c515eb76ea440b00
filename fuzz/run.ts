/** `npm run fuzz -- --seconds=60 --seed=1`: commands to pools, bytes to the decoder, histories of real threads, for a third of the time each. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import * as fc from 'fast-check'
import { play } from '../test/ring-buffer/threads.js'
import { anyBytes, judge } from './codec/bytes.js'
import { anyCase, playCase, toJson } from './commands/pool.js'
import { GAMES } from './linear/games.js'
import { playPart, recordAndCheck } from './linear/record.js'

const CORPUS = new URL('../../fuzz/corpus/', import.meta.url)
const ROUNDS = 3_000

async function fuzzPools(seconds: number, seed: number): Promise<void> {
  let runs = 0
  const property = fc.asyncProperty(anyCase, async (played) => {
    await playCase(played)
    runs++
  })
  const details = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
  })
  console.log(`pools: ${runs} sequences of commands`)
  if (!details.failed || details.counterexample === null) return
  const file = fileURLToPath(new URL(`pool-${seed}.json`, CORPUS))
  writeFileSync(file, `${toJson(details.counterexample[0])}\n`)
  throw new Error(`counterexample in ${file}: fix the cause, and keep it`, { cause: details.errorInstance })
}

function fuzzDecoder(seconds: number, seed: number): void {
  let runs = 0
  const property = fc.property(anyBytes, (bytes) => {
    judge(bytes)
    runs++
  })
  const limits = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000 }
  const details = fc.check(property, { seed, ...limits })
  console.log(`decoder: ${runs} payloads`)
  if (!details.failed || details.counterexample === null) return
  const file = fileURLToPath(new URL(`codec/${seed}.hex`, CORPUS))
  writeFileSync(file, `${Buffer.from(details.counterexample[0]).toString('hex')}\n`)
  throw new Error(`counterexample in ${file}: fix the cause, and keep it`, { cause: details.errorInstance })
}

async function fuzzStructures(seconds: number, seed: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  let [operations, overlaps] = [0, 0]
  for (let match = 0; performance.now() < end; match++) {
    for (const name of Object.keys(GAMES)) {
      const verdict = await recordAndCheck(import.meta.url, name, seed + match, ROUNDS)
      if (verdict.violation !== undefined) throw new Error(verdict.violation)
      operations += verdict.operations
      overlaps += verdict.overlaps
    }
  }
  console.log(`structures: ${operations} operations, ${overlaps} pairs of them overlapped`)
}

if (!isMainThread) await play({ playPart })
else {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 0x7fffffff) },
    },
  })
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
  if (!(seconds >= 0 && Number.isInteger(seed))) throw new Error('--seconds is a number, --seed an integer')
  console.log(`fuzz: ${seconds} s, seed ${seed}`)
  await fuzzPools(seconds / 3, seed)
  fuzzDecoder(seconds / 3, seed)
  await fuzzStructures(seconds / 3, seed)
}
