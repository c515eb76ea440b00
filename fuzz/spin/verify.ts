/** Runs spin on one configuration: the model becomes a C program (pan), which gcc compiles and which searches all states. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODELS = fileURLToPath(new URL('../../../fuzz/spin/', import.meta.url))
/** Steps that one path may have; a longer one is a failure of the check, not a finding. */
const MOST_STEPS = 20_000
const LIMIT_MS = 300_000

export interface Job {
  readonly model: string
  readonly defines: readonly string[]
  readonly fair: boolean
  /** An error is expected within the first few states: compiling well would take longer than the search. */
  readonly brief: boolean
}

export interface Outcome {
  /** `undefined`: all states were seen and none is wrong. */
  readonly error: string | undefined
  readonly states: number
  readonly depth: number
  readonly megabytes: number
  readonly seconds: number
}

/** The Debian package of what is missing, or `undefined`. */
export async function missingPackage(): Promise<string | undefined> {
  for (const [program, flag] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ] as const) {
    const { code } = await execute(program, [flag], '.', LIMIT_MS)
    if (code !== 0) return program
  }
  return undefined
}

/** @throws Error when the check itself does not work: a model that does not compile, a search that was cut short. */
export async function verify({ model, defines, fair, brief }: Job): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'makeparallel-spin-'))
  try {
    cpSync(MODELS, folder, { recursive: true, filter: (path) => !path.endsWith('.ts') })
    const flags = [...defines, ...(fair ? ['LTL'] : [])].map((define) => `-D${define}`)
    await mustRun('spin', ['-a', ...flags, `${model}.pml`], folder)
    const search = fair ? ['-DNFAIR=3'] : ['-DSAFETY']
    await mustRun('gcc', [brief ? '-O0' : '-O1', '-w', '-DCOLLAPSE', ...search, '-o', 'pan', 'pan.c'], folder)
    const startedAt = performance.now()
    const { code, output } = await execute(
      join(folder, 'pan'),
      [`-m${MOST_STEPS}`, '-w20', ...(fair ? ['-a', '-f'] : [])],
      folder,
      LIMIT_MS,
    )
    const seconds = (performance.now() - startedAt) / 1000
    const errors = read(output, /errors: (\d+)/)
    if (code !== 0 || Number.isNaN(errors) || /max search depth too small|out of memory/.test(output))
      throw new Error(`${model} ${flags.join(' ')}: the search was cut short\n${output}`)
    return {
      error: errors === 0 ? undefined : (/^pan:\d+: (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1] ?? 'an error'),
      states: read(output, /^ *(\S+) states, stored/m),
      depth: read(output, /depth reached (\d+)/),
      megabytes: read(output, /^ *(\S+)\s+total actual memory usage/m),
      seconds,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function read(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? Number.NaN)
}

async function mustRun(program: string, args: readonly string[], folder: string): Promise<void> {
  const { code, output } = await execute(program, args, folder, LIMIT_MS)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed\n${output}`)
}

function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  timeout: number,
): Promise<{ code: number | string | null; output: string }> {
  return new Promise((done) => {
    execFile(program, args, { cwd, timeout, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : (error.code ?? error.signal ?? null), output: stdout + stderr })
    })
  })
}
