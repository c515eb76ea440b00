// Runs the compiled tests: node scripts/test.mjs [name…] [--kind=stress,fault] [--jobs=2] [--limit=120] [--again] [--root=.]
//
// uvu exits 0 when a before hook throws and when a file forgets .run(), so an exit code proves nothing. Each file gets
// a process and a time limit (seconds), and counts as passed only if it printed a summary in which tests ran and all
// passed, exited by itself and with 0. A name selects the files whose path contains it. With --again a file that failed
// runs once more, by itself, after all others: one that passes then is named as unsteady at the end and does not count
// as failed. A machine that others use too may starve any of a file's deadlines; what is broken fails twice.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'

const KINDS = ['test', 'prop', 'model', 'child', 'project', 'stress', 'fault']
const ALONE = ['stress', 'fault'] // they want every core
const LIMIT = 120
/** @type {Record<string, number>} Seconds, where LIMIT is too few on a crowded machine: projects install things, others start processes or threads by the dozen. */
const LIMITS = { project: 300, child: 300, stress: 300, model: 600 }

/**
 * @typedef {{ code: number | null, signal: string | null, timedOut: boolean, output: string }} Outcome
 * @typedef {{ passed: number, failed: number, skipped: number, problems: string[], output: string }} Verdict
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Kills a file's process with all that it started: detached made it the leader of a group.
 * @param {import('node:child_process').ChildProcess} child
 */
function killGroup(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL') // no groups on this platform, or gone already
  }
}

/**
 * @param {string} file
 * @param {number} limitMs
 * @returns {Promise<Outcome>}
 */
function execute(file, limitMs) {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(child)
    let output = ''
    let timedOut = false
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child)
    }, limitMs)
    // 'close' and not 'exit': a process that the test left behind holds the pipes open, and must not pass unseen.
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      done({ code, signal, timedOut, output: stripVTControlCharacters(output) })
    })
  })
}

/**
 * @param {Outcome} outcome
 * @param {string} source the .ts text, to count suites that were declared and never run
 * @param {number} limitMs
 * @returns {Verdict}
 */
function judge({ code, signal, timedOut, output }, source, limitMs) {
  const last = (/** @type {string} */ word) => {
    const all = [...output.matchAll(new RegExp(`^  ${word}: +(\\d+)$`, 'gm'))]
    return all.length === 0 ? undefined : Number(all.at(-1)?.[1])
  }
  const [total, passed, skipped] = [last('Total'), last('Passed'), last('Skipped')]
  const declared = source.match(/\bsuite(?:<[^(]*>)?\(/g)?.length ?? 0
  const started = source.match(/\.run\(\)/g)?.length ?? 0

  const problems = []
  if (timedOut) problems.push(`still running after ${limitMs / 1000} s`)
  else if (signal !== null) problems.push(`killed by ${signal}`)
  else if (code !== 0) problems.push(`exit code ${code}`)
  if (total === undefined || passed === undefined) problems.push('no summary: was .run() called?')
  else if (passed !== total) problems.push(`${passed} of ${total} passed`)
  else if (total === 0) problems.push('no test ran')
  if (declared > started) problems.push(`${declared} suites and only ${started} .run()`)

  const lost = (total ?? 0) - (passed ?? 0)
  const failed = problems.length === 0 ? 0 : Math.max(1, lost)
  return { passed: passed ?? 0, failed, skipped: skipped ?? 0, problems, output }
}

/**
 * @param {{ root: string, names: string[], kinds: string[] }} selection
 * @returns {{ name: string, source: string, file: string, kind: string }[]}
 */
function find({ root, names, kinds }) {
  const tests = join(root, 'test')
  return readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .map((path) => ({ path, kind: /\.(\w+)\.ts$/.exec(path)?.[1] ?? '' }))
    .filter(
      ({ path, kind }) => kinds.includes(kind) && (names.length === 0 || names.some((name) => path.includes(name))),
    )
    .map(({ path, kind }) => ({
      name: path.split(sep).join('/'),
      source: join(tests, path),
      file: join(root, 'build/test', path.replace(/\.ts$/, '.js')),
      kind,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kind: { type: 'string', default: KINDS.join() },
      jobs: { type: 'string', default: String(availableParallelism()) },
      limit: { type: 'string' },
      again: { type: 'boolean', default: false },
      root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    },
  })
  const jobs = Math.max(1, Number(values.jobs))
  const kinds = values.kind.split(',')
  const unknown = kinds.filter((kind) => !KINDS.includes(kind))
  if (unknown.length > 0) throw new Error(`no such kind: ${unknown.join()}; there are ${KINDS.join(', ')}`)

  const root = resolve(values.root)
  const files = find({ root, names: positionals, kinds })
  const sum = { passed: 0, failed: 0, skipped: 0 }
  /** @type {typeof files} Those that failed and may try again. */
  const doubtful = []
  /** @type {string[]} */
  const unsteady = []

  /** @param {ReturnType<typeof find>[number]} entry @param {boolean} mayTryAgain */
  const check = async (entry, mayTryAgain) => {
    const { name, source, file, kind } = entry
    const startedAt = performance.now()
    const limitMs = Number(values.limit ?? LIMITS[kind] ?? LIMIT) * 1000
    const verdict = existsSync(file)
      ? judge(await execute(file, limitMs), readFileSync(source, 'utf8'), limitMs)
      : { passed: 0, failed: 1, skipped: 0, problems: [`not compiled: no ${relative(root, file)}`], output: '' }
    const isDoubtful = verdict.failed > 0 && mayTryAgain
    if (isDoubtful) doubtful.push(entry)
    else {
      sum.passed += verdict.passed
      sum.failed += verdict.failed
      sum.skipped += verdict.skipped
      if (verdict.failed === 0 && doubtful.includes(entry)) unsteady.push(name)
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const skipped = verdict.skipped > 0 ? `, ${verdict.skipped} skipped` : ''
    const mark = verdict.failed === 0 ? 'ok  ' : isDoubtful ? 'fail' : 'FAIL'
    console.log(
      `${mark} ${name}  ${[`${verdict.passed} passed${skipped}`, ...verdict.problems].join('; ')}  (${seconds} s)`,
    )
    if (verdict.failed > 0 && verdict.output !== '') console.log(verdict.output.replace(/^(?=.)/gm, '  | '))
  }
  /** @param {typeof files} queue @param {number} width */
  const drain = async (queue, width) => {
    const rest = queue.values()
    await Promise.all(
      Array.from({ length: width }, async () => {
        for (const entry of rest) await check(entry, values.again)
      }),
    )
  }

  await drain(
    files.filter(({ kind }) => !ALONE.includes(kind)),
    jobs,
  )
  await drain(
    files.filter(({ kind }) => ALONE.includes(kind)),
    1,
  )
  for (const entry of doubtful) await check(entry, false)
  if (unsteady.length > 0) console.log(`unsteady, failed once and passed alone: ${unsteady.join(', ')}`)
  if (files.length === 0) {
    console.log('no test file matches')
    sum.failed += 1
  }
  if (sum.skipped > 0) console.log(`${sum.skipped} skipped`)
  console.log(`${sum.passed} passed, ${sum.failed} failed`)
  process.exitCode = sum.failed > 0 ? 1 : 0
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child)
    process.exit(1)
  })
}

await main()
