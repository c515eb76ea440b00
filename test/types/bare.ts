// What also holds where neither Node's nor the browser's types are known: no URL, no AbortSignal, no console.
import { Pool, parallel, type TaskHandle } from '../../lib/index.js'

declare module '../../lib/index.js' {
  interface TaskMetadata {
    readonly requestId?: string
  }
}

const { half } = parallel('/tasks.cjs', { half: (n: number) => n / 2 })
const handle: TaskHandle<number> = half(4)
const value: number = await handle
handle.metadata.requestId satisfies string | undefined
await new Pool().run(half, [value])
