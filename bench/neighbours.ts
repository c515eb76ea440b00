// Processes that take every core from whom they can: what a machine is like that runs other things, too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const SPIN = "process.stdout.write('spinning'); for (;;);"

/** Resolves when all of them spin. They end with `stop`, or with this process. */
export async function startNeighbours(count: number): Promise<{ stop(): void }> {
  const all = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', SPIN], { stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  const stop = (): void => {
    for (const neighbour of all) neighbour.kill('SIGKILL')
  }
  process.once('exit', stop)
  await Promise.all(all.map((neighbour) => once(neighbour.stdout, 'data')))
  return { stop }
}
