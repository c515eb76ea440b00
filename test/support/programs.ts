import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  /** null when it was killed: it hung, or another process did that. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `name`, one of the programs that `file` plays, in a process of its own. One that has not ended after `seconds` is
 * killed.
 */
export function runProgram(
  file: string,
  name: string,
  options: { readonly seconds?: number; readonly execArgv?: readonly string[]; readonly args?: readonly string[] } = {},
): Promise<Outcome> {
  const { seconds = 30, execArgv = [], args = [] } = options
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...execArgv, fileURLToPath(file), name, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = { stdout: '', stderr: '' }
    for (const key of ['stdout', 'stderr'] as const) {
      child[key].setEncoding('utf8').on('data', (text: string) => {
        output[key] += text
      })
    }
    let ticks = 0
    const timer = setInterval(() => {
      if (++ticks >= seconds) child.kill('SIGKILL')
    }, 1_000)
    child.on('close', (code) => {
      clearInterval(timer)
      resolve({ code, ...output })
    })
  })
}

/** The name of the program that this process was started for, or undefined in the process that runs the tests. */
export const program: string | undefined = process.argv[2]

/** What a program has to say, for `reportOf`. */
export function report(value: unknown): void {
  console.log(`report: ${JSON.stringify(value)}`)
}

/** What the program said, after it has ended by itself and well. */
export function reportOf(outcome: Outcome): any {
  const { code, stdout, stderr } = outcome
  const said = /^report: (.*)$/m.exec(stdout)?.[1]
  if (code !== 0 || said === undefined)
    throw new Error(`the program ended with ${code ?? 'a kill'}\nstdout: ${stdout}\nstderr: ${stderr}`)
  return JSON.parse(said)
}
