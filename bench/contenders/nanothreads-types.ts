// nanothreads ships declarations that its package.json hides from modules.
import { createRequire } from 'node:module'
import type { MessagePort } from 'node:worker_threads'

interface Nanothreads {
  readonly ThreadPool: new (options: {
    task: string
    count: number
  }) => {
    exec(...args: unknown[]): Promise<any>
    terminate(): Promise<void>
  }
  readonly workerInit: (port: MessagePort, task: (...args: any[]) => unknown) => void
}

export const { ThreadPool, workerInit }: Nanothreads = createRequire(import.meta.url)('nanothreads')
