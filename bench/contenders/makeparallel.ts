// This library as its users have it: functions of a task module on a pool.
import { Pool } from '../library.js'
import { tasks } from '../tasks/parallel.js'
import type { Contender } from './contender.js'

export async function start(threads: number): Promise<Contender> {
  const pool = new Pool({ threads })
  const bound = pool.bind(tasks)
  return { run: bound.echo, call: (task, x) => bound[task](x), close: () => pool.close() }
}
