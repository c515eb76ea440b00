// An application after a bundler: what it has built runs in a folder of its own, where neither sources nor packages are.
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as assert from 'uvu/assert'
import { playProgram, programIn } from './program.js'
import { type Files, Project } from './project.js'

/** Where `import.meta` is empty and `__filename` is there, and the other way round. */
const EITHER = "typeof __filename === 'string' ? __filename : import.meta"

/** The program as modules. `either`: its task module can be bundled to CommonJS too. */
export function sources(either = false): Files {
  const files = programIn('esm')
  return either ? { ...files, 'tasks.mjs': files['tasks.mjs']!.replace('import.meta', EITHER) } : files
}

/**
 * Host and workers with a chunk each. The host knows the tasks by their module's id: it imports the module itself
 * (`shared`), or its types alone.
 */
export function chunkSources(shared: boolean): Files {
  const files = programIn('esm')
  const names = /export const (\{[^}]*\})/.exec(files['tasks.mjs']!)![1]
  const tasks = files['tasks.mjs']!.replace(/\}\);?\s*$/, "}, { id: 'tasks' })\n")
  const remote = `import { importTasks } from 'makeparallel'\nexport const ${names} = importTasks('tasks')\n`
  return {
    ...files,
    'tasks.mjs': shared ? tasks : files['tasks.mjs']!,
    'host-tasks.mjs': shared ? `export * from './tasks.mjs'\n` : remote,
    'work.mjs': files['work.mjs']!.replace("'./tasks.mjs'", "'./host-tasks.mjs'"),
    'worker.mjs':
      "import { serve } from 'makeparallel/worker'\nimport * as tasks from './tasks.mjs'\nserve({ tasks })\n",
    'app.mjs': `
import { Worker } from 'node:worker_threads'
import { configure } from 'makeparallel'
import { work } from './work.mjs'
const createWorker = () => new Worker(new URL(/* webpackIgnore: true */ './worker.mjs', import.meta.url))
configure({ createWorker })
work({ createWorker }).then((values) => console.log(JSON.stringify(values)))
`,
  }
}

/** Builds in `project`, takes what has come to its folder `out` elsewhere, deletes the sources, and runs `file`. */
export function playBundle(project: Project, build: string, file: string, count?: number): void {
  project.run(build)
  const folder = join(project.folder, '../..', `bundle-${basename(project.folder)}`)
  cpSync(join(project.folder, 'out'), folder, { recursive: true })
  rmSync(project.folder, { recursive: true })
  const built = readdirSync(folder)
  if (count !== undefined) assert.is(built.length, count, `built: ${built}`)
  const elsewhere = new Project(folder)
  elsewhere.nodeFolder = project.nodeFolder
  playProgram(elsewhere, `node ${file}`)
}
