// One case, once, in a process of its own: no contender sees the compiled code, the heap or the threads of another, and
// one that crashes or hangs costs its own figures only.
import { fork } from 'node:child_process'
import { execPathOf } from './nodes.js'
import type { Case, Figures } from './question.js'

const LIMIT_MS = 180_000

/** What the process of a case reports. */
export type CaseReport = { readonly figures: Figures } | { readonly error: string }

export function runCase(question: string, of: Pick<Case, 'name' | 'node'>, effort: number): Promise<CaseReport> {
  return new Promise((resolve) => {
    const execPath = nodeOf(of)
    if (execPath instanceof Error) return resolve({ error: execPath.message })
    const child = fork(new URL('./case-main.js', import.meta.url), [question, of.name, String(effort)], {
      execPath,
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let report: CaseReport | undefined
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text) => (said += text))
    child.on('message', (message) => (report = message as CaseReport))
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, LIMIT_MS)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const end = late ? `no answer within ${LIMIT_MS / 1000} s` : `exit ${signal ?? code}`
      resolve(report ?? { error: `${end}${said === '' ? '' : `: ${said.trim()}`}` })
    })
  })
}

function nodeOf({ node }: Pick<Case, 'node'>): string | Error {
  try {
    return node === undefined ? process.execPath : execPathOf(node)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
