// node build/bench/gate-trial.js [--passes=20] [--slowed=5] [--slowdown=2] [--load=0.25]: tries the gate itself. As things
// are it must not fail, and with some µs more per call it must fail, while another process takes a share `load` of a core in
// bursts. Prints a markdown table, the one in BENCHMARKS.md.
import { spawn, spawnSync } from 'node:child_process'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { toMarkdown } from './report/table.js'
import { median } from './statistics.js'

const BURST_MS = 20 // as long as a time slice of a busy neighbour
const LIMIT_MS = 240_000

const { values } = parseArgs({
  options: {
    passes: { type: 'string', default: '20' },
    slowed: { type: 'string', default: '5' },
    slowdown: { type: 'string', default: '2' },
    load: { type: 'string', default: '0.25' },
  },
})

type Verdict = 'passed' | 'failed' | 'in part'

interface Trial {
  readonly verdict: Verdict
  readonly seconds: number
  readonly attempts: number
}

function tryGate(slowdownUs: string): Trial {
  const begun = performance.now()
  const { stdout, status } = spawnSync(process.execPath, [new URL('./gate.js', import.meta.url).pathname], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    env: { ...process.env, BENCH_SLOWDOWN_US: slowdownUs },
  })
  const said = stripVTControlCharacters(stdout)
  const verdict = status !== 0 ? 'failed' : said.includes('Passed in part') ? 'in part' : 'passed'
  const attempts = 1 + (said.match(/measured again/g)?.length ?? 0)
  console.error(`${slowdownUs} µs slower: ${verdict}, ${attempts} attempts`)
  if ((verdict === 'failed') !== (slowdownUs !== '0')) console.error(said)
  return { verdict, seconds: (performance.now() - begun) / 1000, attempts }
}

function rowOf(what: string, trials: readonly Trial[]): string[] {
  const count = (verdict: Verdict): string => String(trials.filter((trial) => trial.verdict === verdict).length)
  const seconds = trials.map((trial) => trial.seconds)
  return [
    what,
    String(trials.length),
    count('passed'),
    count('failed'),
    count('in part'),
    String(trials.filter(({ attempts }) => attempts > 1).length),
    `${median(seconds).toFixed(0)} s, at most ${Math.max(...seconds).toFixed(0)} s`,
  ]
}

const load = Number(values.load)
const pauseMs = BURST_MS / load - BURST_MS
const burst = `setInterval(() => { for (const end = performance.now() + ${BURST_MS}; performance.now() < end; ); }, ${BURST_MS + pauseMs})`
const neighbour = load > 0 ? spawn(process.execPath, ['-e', burst], { stdio: 'ignore' }) : undefined
try {
  const trials = (count: string, slowdownUs: string): Trial[] =>
    Array.from({ length: Number(count) }, () => tryGate(slowdownUs))
  const asIs = trials(values.passes, '0')
  const slowed = trials(values.slowed, values.slowdown)
  const head = ['the gate', 'runs', 'passed', 'failed', 'passed in part', 'measured again', 'took']
  console.log(
    toMarkdown({ head, rows: [rowOf('as it is', asIs), rowOf(`${values.slowdown} µs more per call`, slowed)] }),
  )
  const isRight =
    asIs.every(({ verdict }) => verdict !== 'failed') && slowed.every(({ verdict }) => verdict === 'failed')
  process.exitCode = isRight ? 0 : 1
} finally {
  neighbour?.kill()
}
