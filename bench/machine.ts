// Where and on what a result was measured.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  /** The commit that was checked out, with a + where lib/ or bench/ had changed since. */
  readonly commit: string
  readonly date: string
}

const root = new URL('../../', import.meta.url)
const PACKAGES = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'nanothreads', 'msgpackr', 'tinybench']

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Their versions, as installed. */
export function describePackages(): Record<string, string> {
  const versionOf = (folder: string): string =>
    JSON.parse(readFileSync(new URL(`${folder}package.json`, root), 'utf8')).version
  const peers = PACKAGES.map((name) => [name, versionOf(`node_modules/${name}/`)])
  return { makeparallel: versionOf(''), ...Object.fromEntries(peers) }
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'lib', 'bench/*.ts') !== ''
    return git('rev-parse', '--short=10', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}
