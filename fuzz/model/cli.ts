/**
 * npm run model -- [NAME…] [--deep] [--list] [--mutants] [--write] [--replay=SCHEDULE] [--jobs=2] [--states=N] [--seconds=N]
 *
 * Without a name: the quick set; a name selects the configurations, or with --mutants the mutants, that contain it. --write puts
 * the rows into fuzz/model/results.md or fuzz/model/mutants.md and drops those of what is no more. Each job is a process of its own.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build, root, scenariosOf } from './build.js'
import { Explorer, type Limits, type Outcome } from './explorer.js'
import { MUTANTS, type Mutant } from './mutants.js'
import type { Scenario } from './scenario.js'
import { TOLERATED } from './tolerated.js'
import { decodeSchedule, encodeSchedule, tellSchedule } from './trace.js'
import { tryMutant } from './try-mutant.js'

interface Options {
  readonly names: readonly string[]
  readonly deep: boolean
  readonly mutants: boolean
  /** This process does every n-th piece of work, from i on: "i/n". */
  readonly part: string | undefined
  readonly jobs: number
  /** Writes the table to its file. */
  readonly write: boolean
  readonly limits: Limits
}

/** What a piece of work has come to, from the process that did it. */
interface Result {
  readonly line: string
  readonly isSound: boolean
  /** Places of entries in TOLERATED that were needed. */
  readonly tolerated: readonly number[]
}

function isChosen(name: string, { names }: Options): boolean {
  return names.length === 0 || names.some((one) => name.includes(one))
}

function chosenScenarios(all: readonly Scenario[], options: Options): Scenario[] {
  return all.filter(
    ({ name, tier }) =>
      isChosen(name, options) && (options.names.length > 0 || tier === 'quick' || (options.deep && tier === 'deep')),
  )
}

function describeOutcome(scenario: Scenario, sites: ReturnType<typeof build>, outcome: Outcome): Result {
  const { failure, states, executions, steps, longest, seconds, isExhausted, preemptions, schedule } = outcome
  const mark = failure !== undefined ? 'FAIL' : isExhausted ? 'ok' : 'part'
  const bound = preemptions === undefined ? 'all schedules' : `${preemptions} switches`
  const lines = [
    `| ${mark} | ${scenario.name} | ${bound} | ${states} | ${executions} | ${steps} | ${longest} | ${seconds.toFixed(1)} |`,
  ]
  if (failure !== undefined) {
    lines.push(...tellSchedule(scenario, sites, schedule), failure)
    lines.push(`npm run model -- '${scenario.name}' --replay=${encodeSchedule(schedule)}`)
  }
  const tolerated = outcome.tolerated.map((one) => TOLERATED.indexOf(one))
  return { line: lines.join('\n'), isSound: failure === undefined, tolerated }
}

async function describeTrial(mutant: Mutant, limits: Limits): Promise<Result> {
  const { found, seconds } = await tryMutant(mutant, limits)
  const mark = found === undefined ? 'SURVIVES' : 'killed'
  const what = found?.replaceAll('|', '\\|').slice(0, 110) ?? ''
  return {
    line: `| ${mark} | ${mutant.name} | ${mutant.killer} | ${what} | ${seconds.toFixed(1)} |`,
    isSound: found !== undefined,
    tolerated: [],
  }
}

/** The work of one process, told line by line. */
async function work(options: Options, part: string): Promise<void> {
  const [first, stride] = part.split('/').map(Number) as [number, number]
  const say = (result: Result): void => console.log(JSON.stringify(result))
  if (options.mutants) {
    const mutants = MUTANTS.filter(({ name }) => isChosen(name, options))
    for (let i = first; i < mutants.length; i += stride) {
      const mutant = mutants[i] as Mutant
      try {
        say(await describeTrial(mutant, options.limits))
      } catch (error) {
        say({ line: `| NOT TRIED | ${mutant.name} | | ${error} | |`, isSound: false, tolerated: [] })
      }
    }
    return
  }
  const sound = build()
  const scenarios = chosenScenarios(await scenariosOf(sound), options)
  for (let i = first; i < scenarios.length; i += stride) {
    const scenario = scenarios[i] as Scenario
    say(describeOutcome(scenario, sound, new Explorer(scenario, sound.sites, options.limits).explore()))
  }
}

/** Starts the jobs and prints what they say. Returns false when something was wrong. */
async function conduct(options: Options): Promise<boolean> {
  build() // once, so that the jobs find it
  const header = options.mutants
    ? '| | mutant | configuration | what it found | s |\n|---|---|---|---|---|'
    : '| | configuration | bound | states | executions | steps | longest | s |\n|---|---|---|---|---|---|---|---|'
  console.log(header)
  const table: string[] = []
  let isSound = true
  const needed = new Set<number>()
  const hear = (line: string): void => {
    const result = JSON.parse(line) as Result
    console.log(result.line)
    table.push(result.line)
    isSound &&= result.isSound
    for (const entry of result.tolerated) needed.add(entry)
  }
  const jobs = Array.from({ length: options.jobs }, (_, i) => {
    const args = ['--enable-source-maps', fileURLToPath(import.meta.url), ...process.argv.slice(2)]
    const child = spawn(process.execPath, [...args, `--part=${i}/${options.jobs}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return new Promise<void>((done) => {
      let rest = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() as string
        lines.forEach(hear)
      })
      child.on('close', (code) => {
        if (code !== 0) isSound = false
        done()
      })
    })
  })
  await Promise.all(jobs)
  if (options.write) {
    const title = options.mutants ? 'npm run model -- --mutants --write' : 'npm run model -- --deep --write'
    const file = join(root, 'fuzz/model', options.mutants ? 'mutants.md' : 'results.md')
    const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(4) : []
    const named = options.mutants ? MUTANTS : await scenariosOf(build())
    const names = new Set(named.map(({ name }) => name))
    const nameOf = (row: string): string => row.split('|')[2]?.trim() ?? ''
    const rows = new Map([...before, ...table].filter((row) => names.has(nameOf(row))).map((row) => [nameOf(row), row]))
    const text = `Written by \`${title}\` (Node ${process.version}, ${options.jobs} jobs).\n\n${header}\n${[...rows.values()].sort().join('\n')}\n`
    writeFileSync(file, text)
  }
  if (options.deep && options.names.length === 0 && !options.mutants) {
    for (const [i, { file, within, operation }] of TOLERATED.entries()) {
      if (needed.has(i)) continue
      isSound = false
      console.log(`no configuration needs the tolerated race of ${operation} in ${within} (${file})`)
    }
  }
  return isSound
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      deep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      replay: { type: 'string' },
      part: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      states: { type: 'string', default: '20000000' },
      seconds: { type: 'string', default: '600' },
    },
  })
  const options: Options = {
    names: positionals,
    deep: values.deep,
    mutants: values.mutants,
    part: values.part,
    write: values.write,
    jobs: Math.max(1, Number(values.jobs)),
    limits: { states: Number(values.states), seconds: Number(values.seconds) },
  }
  if (options.part !== undefined) return work(options, options.part)
  if (values.list || values.replay !== undefined) {
    const sound = build()
    const all = await scenariosOf(sound)
    if (values.list) for (const { name, tier } of all) console.log(`${tier.padEnd(6)} ${name}`)
    else if (values.replay !== undefined) {
      for (const scenario of all.filter(({ name }) => name === positionals[0]))
        for (const line of tellSchedule(scenario, sound, decodeSchedule(values.replay))) console.log(line)
    }
    return
  }
  process.exitCode = (await conduct(options)) ? 0 : 1
}

await main()
