// Only has to compile: modules that the host never evaluates, by URL and by id.
import { importTasks, type ParallelFunction, parallel } from '../../lib/index.js'
import { holds, type Same } from './same.js'
import type { fib } from './tasks.js'

const url = new URL('./tasks.js', import.meta.url)
const byId = importTasks<typeof import('./tasks.js')>('image')
const remote = importTasks<typeof import('./tasks.js')>(url, { priority: 1 })
const size = await remote.plain(1)
holds<Same<typeof size, { n: number; unit: string }>>()
holds<Same<typeof remote.plain, ParallelFunction<(n: number, unit?: string) => Promise<{ n: number; unit: string }>>>>()
holds<Same<typeof remote.fib, typeof fib>>()
const shot = await remote.photo('a', 1, 'tag')
holds<Same<typeof shot, { path: string; quality: number; tags: string[] }>>()
await remote.fib.with({ idempotent: true })(3)
// @ts-expect-error a photo has a path
remote.photo()
// @ts-expect-error a constant is no task
remote.constant
// @ts-expect-error a class is no task
remote.Unused
// @ts-expect-error a module exports what it exports
remote.fib = byId.fib

// @ts-expect-error without the module's type nothing is known of it
importTasks(url).fib(1)
// @ts-expect-error not even that it is awaited
await importTasks('image').fib(3)
// @ts-expect-error a URL or an id, and nothing else
importTasks<typeof import('./tasks.js')>(42)

// @ts-expect-error an id names a module where it is defined
importTasks<typeof import('./tasks.js')>('image', { id: 'photo' })

const value: number = await byId.fib(3)
const { twice } = parallel(import.meta, { twice: (n: number) => 2 * n }, { id: 'numbers', priority: 2 })
await twice(value)
// @ts-expect-error an id is text
parallel(import.meta, { twice: (n: number) => 2 * n }, { id: 3 })
// @ts-expect-error an inline function is found by its text and needs no id
parallel((n: number) => 2 * n, { id: 'numbers' })
