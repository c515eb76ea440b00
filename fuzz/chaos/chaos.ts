/** Rounds of chaos for a time, each with a seed of its own that is derived from the first. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Pool } from '../../lib/index.js'
import { Random } from '../random.js'
import { loads } from './doomed.js'
import { type Figures, newFigures, Round } from './round.js'
import * as tasks from './tasks.js'
import { Watchdog } from './watchdog.js'

const HANG_SECONDS = 20
const MIB = 1 << 20
/** Rounds before the first look at what is held. */
const WARM_ROUNDS = 5
/** A pool that has closed hears the end of its threads' ports for a second more. */
const AFTERMATH_MS = 1_500

export interface ChaosOptions {
  readonly seconds: number
  readonly seed: number
  /** At least so many rounds, however long they take. */
  readonly rounds?: number
  readonly log?: (line: string) => void
}

export interface Outcome {
  readonly figures: Figures
  /** What this thread holds on to, in MiB: early, and at the end. */
  readonly heldMiB: readonly [early: number, late: number]
}

export async function chaos({ seconds, seed, rounds = 1, log = () => {} }: ChaosOptions): Promise<Outcome> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const held: number[] = []
  const weigh = async (): Promise<void> => {
    await letGo()
    await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS))
    gc()
    await new Promise((resolve) => setImmediate(resolve)) // what a stack or a WeakRef has kept for this turn
    gc()
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    held.push((arrayBuffers + heapUsed) / MIB)
  }
  const figures = newFigures()
  let playing: readonly Round[] = []
  const label = `seed ${seed}`
  const watchdog = new Watchdog(HANG_SECONDS, label, (last) => {
    console.error(`watchdog: nothing moves since "${last}", ${label}, round ${figures.rounds}`)
    for (const round of playing) console.error(JSON.stringify(round.state, undefined, 1))
    process.exit(1)
  })
  const end = performance.now() + seconds * 1000
  try {
    for (let number = 0; number < rounds || performance.now() < end; number++) {
      const random = new Random(seed + number)
      watchdog.round()
      // Several pools at a time, now and then; each with choices of its own, so that one does not disturb the other's.
      const pools = random.oneIn(4) ? 2 : 1
      playing = Array.from(
        { length: pools },
        () => new Round(new Random(random.below(1 << 30)), figures, watchdog, pools === 1),
      )
      const steps = 5 + random.below(60)
      try {
        await Promise.all(playing.map((round) => round.play(steps)))
      } catch (cause) {
        throw new Error(`round of seed ${seed + number}, repeat it with --seed=${seed + number}`, { cause })
      }
      playing = []
      if (number + 1 === WARM_ROUNDS) await weigh()
      log(`round ${number}: ${JSON.stringify(figures)}`)
    }
  } finally {
    await watchdog.end()
  }
  const { lost, lostAtEntry } = figures
  if (lostAtEntry > 2 + lost / 50) throw new Error(`${lostAtEntry} of ${lost} lost tasks had not begun, ${label}`)
  await weigh()
  return { figures, heldMiB: [held[0] as number, held.at(-1) as number] }
}

/** A function remembers the pool that it ran on last, and with it that pool's memory. Here that is one without threads. */
async function letGo(): Promise<void> {
  const pool = new Pool({ threads: 0 })
  const { carries, diesBy, fails, family, familyByGet, spins, waits } = tasks
  for (const task of [carries, diesBy, fails, family, familyByGet, loads, spins, waits])
    pool.run(task as typeof spins, [0, 0]).cancel()
  await pool.close()
}
