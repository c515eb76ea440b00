// One small application of everything that depends on where it runs: threads are started, the task module is found again
// in them with what it imports, values and errors come back, inline functions are compiled, the process ends by itself.
import ts from 'typescript'
import * as assert from 'uvu/assert'
import type { Files, Project } from './project.js'

const NUMBERS = `
export function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return n > 1
}
`

const TASKS = `
import { isWorker, parallel, workerId } from 'makeparallel'
import { isPrime } from './numbers.js'

export const { countPrimes, later, fib, meet, fail, seen, where } = parallel(import.meta, {
  countPrimes(from: number, to: number): number {
    let count = 0
    for (let n = from; n < to; n++) if (isPrime(n)) count++
    return count
  },
  async later(text: string): Promise<string> {
    await Promise.resolve()
    return text.toUpperCase()
  },
  fib(n: number): number {
    if (n < 12) return n < 2 ? n : fib.local(n - 1) + fib.local(n - 2)
    const left = fib(n - 1)
    const right = fib(n - 2)
    return left.get() + right.get()
  },
  meet(gate: Int32Array, count: number): boolean {
    Atomics.add(gate, 0, 1)
    Atomics.notify(gate, 0)
    for (let met = Atomics.load(gate, 0); met < count; met = Atomics.load(gate, 0)) {
      if (Atomics.wait(gate, 0, met, 30_000) === 'timed-out') return false
    }
    return true
  },
  fail(n: number): never {
    throw Object.assign(new RangeError(\`\${n} is too much\`), { limit: n - 1 })
  },
  seen(value: Map<string, Date>): string[] {
    return [...value].map(([key, date]) => \`\${key} \${date.getUTCFullYear()}\`)
  },
  where(): boolean {
    return isWorker && workerId !== undefined
  },
})
`

const WORK = `
import { isWorker, parallel, Pool, type PoolOptions, WorkerLostError } from 'makeparallel'
import { countPrimes, fail, fib, later, meet, seen, where } from './tasks.js'

const double = parallel((n: number) => 2 * n)
const end = parallel(() => process.exit(3), { name: 'end' })

export async function work(options?: PoolOptions): Promise<object> {
  const counts = await Promise.all([0, 2_000, 4_000].map((from) => countPrimes(from, from + 2_000)))
  const error = await fail(3).then(String, (error: RangeError & { limit: number }) =>
    [error instanceof RangeError, error.message, error.limit].join())
  const pool = new Pool({ ...options, threads: 2 })
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const lost = await end.with({ pool })().then(String, (error: unknown) =>
    error instanceof WorkerLostError ? error.code : String(error))
  const met = await Promise.all([pool.run(meet, [gate, 2]), pool.run(meet, [gate, 2])])
  const { clean } = await pool.close()
  return {
    counts, error, lost, met, clean,
    later: await later('text'),
    fib: await fib(16),
    seen: await seen(new Map([['moon', new Date(Date.UTC(1969, 6, 20))]])),
    inline: await double(21),
    where: [isWorker, await where()],
  }
}
`

const APP = `
import { isWorker } from 'makeparallel'
import { work } from './work.js'

if (!isWorker) void work().then((values) => console.log(JSON.stringify(values)))
`

/** What `work` gives, wherever it runs. */
export const EXPECTED = {
  counts: [303, 247, 233],
  error: 'true,3 is too much,2',
  lost: 'ERR_PARALLEL_WORKER_LOST',
  met: [true, true],
  clean: true,
  later: 'TEXT',
  fib: 987,
  seen: ['moon 1969'],
  inline: 42,
  where: [false, true],
}

const EXTENSIONS = { esm: '.mjs', commonjs: '.cjs', typescript: '.ts' } as const
export type Language = keyof typeof EXTENSIONS

/** The program's files, in the extension of the language: app, and what that imports. */
export function programIn(language: Language): Files {
  const extension = EXTENSIONS[language]
  const isCommon = language === 'commonjs'
  const files: Record<string, string> = {}
  for (const [name, typed] of Object.entries({ numbers: NUMBERS, tasks: TASKS, work: WORK, app: APP })) {
    let text = typed.replaceAll(/'(\.\/\w+)\.js'/g, `'$1${extension}'`)
    if (isCommon) text = text.replace('import.meta', '__filename')
    const module = isCommon ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext
    const compiled = ts.transpileModule(text, { compilerOptions: { module, target: ts.ScriptTarget.ES2022 } })
    files[name + extension] = language === 'typescript' ? text : compiled.outputText
  }
  return files
}

/** Runs what was made of the program, which must say what it always says, and end. */
export function playProgram(project: Project, command: string): void {
  const said = project.run(command)
  assert.equal(JSON.parse(said), EXPECTED, command)
}
