// This library as its users have it: functions of a task module on a pool. BENCH_SLOWDOWN_US lets each call keep its caller
// for so much longer: `bench/gate-trial.ts` shows with it that the gate would notice.
import { move, Pool } from '../library.js'
import { tasks } from '../tasks/parallel.js'
import type { Contender } from './contender.js'

const slowdownMs = Number(process.env.BENCH_SLOWDOWN_US ?? 0) / 1000

export async function start(threads: number): Promise<Contender> {
  const pool = new Pool({ threads })
  const bound = pool.bind(tasks)
  const run: Contender['run'] = slowdownMs === 0 ? bound.echo : (x) => slowed(() => bound.echo(x))
  return {
    run,
    call: (task, x) => bound[task](x),
    moveThrough: (bytes) => bound.passOn(move(bytes)),
    close: () => pool.close(),
  }
}

function slowed<T>(call: () => T): T {
  for (const end = performance.now() + slowdownMs; performance.now() < end; );
  return call()
}
