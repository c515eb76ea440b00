/** `npm run stress -- --seconds=60 --seed=1`: chaos; `--tests`: the stress tests. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chaos } from './chaos.js'

const MOST_GROWTH_MIB = 64

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 0x7fffffff) },
    tests: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
if (values.tests) {
  const runner = fileURLToPath(new URL('../../../scripts/test.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [runner, '--kind=stress'], { stdio: 'inherit' })
  process.exit(status ?? 1)
}
const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
if (!(seconds >= 0 && Number.isInteger(seed))) throw new Error('--seconds is a number, --seed an integer')
console.log(`chaos: ${seconds} s, seed ${seed}`)
const { figures, heldMiB } = await chaos({ seconds, seed, ...(values.verbose ? { log: console.log } : {}) })
console.log(figures)
console.log(`held early: ${heldMiB[0].toFixed(0)} MiB, at the end: ${heldMiB[1].toFixed(0)} MiB`)
if (heldMiB[1] - heldMiB[0] > MOST_GROWTH_MIB) {
  console.error('memory grows from round to round')
  process.exit(1)
}
