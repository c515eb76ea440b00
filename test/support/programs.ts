import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  /** null when it was killed: it hung, or another process did that. */
  readonly code: number | null
  /** The signal that ended it. */
  readonly by: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly seconds?: number
  readonly execArgv?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What its standard input says before it ends. */
  readonly input?: string
  /** Sent once it has printed `after`. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly after: string }
}

/**
 * Runs `name`, one of the programs that `file` plays, in a process of its own. One that has not ended after `seconds` is
 * killed.
 */
export function runProgram(file: string, name: string, options: ProgramOptions = {}): Promise<Outcome> {
  const { seconds = 30, execArgv = [], args = [], env = {}, input, signal } = options
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...execArgv, fileURLToPath(file), name, ...args], {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const output = { stdout: '', stderr: '' }
    let isSignalled = false
    for (const key of ['stdout', 'stderr'] as const) {
      child[key]?.setEncoding('utf8').on('data', (text: string) => {
        output[key] += text
        if (signal === undefined || isSignalled || !output[key].includes(signal.after)) return
        isSignalled = true
        child.kill(signal.name)
      })
    }
    child.stdin?.end(input)
    let ticks = 0
    const timer = setInterval(() => {
      if (++ticks >= seconds) child.kill('SIGKILL')
    }, 1_000)
    child.on('close', (code, by) => {
      clearInterval(timer)
      resolve({ code, by, ...output })
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
  const { code, by, stdout, stderr } = outcome
  const said = /^report: (.*)$/m.exec(stdout)?.[1]
  if (code !== 0 || said === undefined)
    throw new Error(`the program ended with ${code ?? by}\nstdout: ${stdout}\nstderr: ${stderr}`)
  return JSON.parse(said)
}
