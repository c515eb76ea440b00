// This library as its users have it: functions of a task module on a pool.
import { Pool } from '../library.js'
import { tasks } from '../tasks/parallel.js'
import type { Contender } from './contender.js'

export async function start(threads: number): Promise<Contender> {
  const pool = new Pool({ threads })
  const { echo, work, startTicking, countTicks } = tasks
  const bound = {
    echo: echo.with({ pool }),
    work: work.with({ pool }),
    startTicking: startTicking.with({ pool }),
    countTicks: countTicks.with({ pool }),
  }
  return { run: bound.echo, call: (task, x) => bound[task](x), close: () => pool.close() }
}
