// Temporary projects, outside of the repository, in which the packed package is installed as a user would have it.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { NODES, TOOLS, type Tool } from './versions.js'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

export interface Outcome {
  /** null when it was killed: it hung. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export type Files = Readonly<Record<string, string>>

/** A folder with its own package.json, in which commands are run as in a shell of the user's. */
export class Project {
  readonly folder: string
  /** Where `node` is, for everything that runs here. */
  nodeFolder = dirname(process.execPath)

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** Everything that runs here later runs on that Node; installed from the registry unless it is this one. */
  useNode(major: keyof typeof NODES): void {
    if (process.versions.node.startsWith(`${major}.`)) return
    const system = process.platform === 'win32' ? 'win' : process.platform
    const name = `node-${system}-${process.arch}`
    const place = new Project(join(this.folder, '..', `node-${major}`))
    place.write({ 'package.json': '{ "private": true }' })
    place.install(`${name}@${NODES[major]}`)
    this.nodeFolder = join(place.folder, 'node_modules', name, 'bin')
  }

  write(files: Files): this {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.folder, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    return this
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** A project in a folder of this one: it sees what is installed here, and has a package.json of its own. */
  inner(name: string, files: Files): Project {
    const inner = new Project(join(this.folder, name))
    inner.nodeFolder = this.nodeFolder
    return inner.write({ 'package.json': '{ "private": true }', ...files })
  }

  install(...tools: Tool[]): this {
    const packages = tools.map((tool) => (tool in TOOLS ? `${tool}@${TOOLS[tool as keyof typeof TOOLS]}` : tool))
    const flags = '--prefer-offline --no-audit --no-fund --no-save --loglevel=error'
    this.run(`npm install ${flags} ${packages.map((name) => `"${name}"`).join(' ')}`, 180)
    return this
  }

  /** The outcome of a command line. Commands of installed packages are found as npx finds them. */
  tryRun(command: string, seconds = 60): Outcome {
    const bins: string[] = []
    for (let at = this.folder; ; at = dirname(at)) {
      bins.push(join(at, 'node_modules/.bin'))
      if (at === dirname(at)) break
    }
    const { status, signal, error, stdout, stderr } = spawnSync(command, {
      cwd: this.folder,
      shell: true,
      encoding: 'utf8',
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        PATH: [this.nodeFolder, ...bins, process.env.PATH].join(delimiter),
        NODE_OPTIONS: '',
        NODE_V8_COVERAGE: '',
        NO_COLOR: '1',
      },
    })
    const why = signal ?? error?.message
    return { code: status, stdout, stderr: why === undefined ? stderr : `${stderr}\n${why} after ${seconds} s` }
  }

  /** What the command prints. It must end by itself, and well. */
  run(command: string, seconds?: number): string {
    const { code, stdout, stderr } = this.tryRun(command, seconds)
    assert.is(code, 0, `${command}: ${code ?? 'killed'}\n${stdout}${stderr}`)
    return stdout
  }
}

/** A place for the projects of one test file, to be removed at its end. */
export interface Place {
  readonly folder: string
  /** A project in which the packed package and these tools are installed. */
  project(name: string, tools?: readonly Tool[]): Project
  remove(): void
}

export function newPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'makeparallel-project-'))
  return {
    folder,
    project(name, tools = []) {
      const project = new Project(join(folder, name)).write({ 'package.json': '{ "private": true }' })
      return project.install(`makeparallel@file:${tarball()}`, ...tools)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The package as npm packs what the build left in dist/. Once for a run: two that come at once make the same. */
export function tarball(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const name = `makeparallel-${version}.tgz`
  const built = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
  const stamp = String(Math.max(...built.map((file) => statSync(join(root, 'dist', file)).mtimeMs)))
  const all = join(root, 'build/packed')
  const file = join(all, stamp, name)
  if (existsSync(file)) return file
  mkdirSync(join(all, stamp), { recursive: true })
  for (const old of readdirSync(all)) {
    if (Number(old) < Number(stamp)) rmSync(join(all, old), { recursive: true, force: true })
  }
  const fresh = mkdtempSync(join(root, 'build/packing-'))
  // --ignore-scripts: prepack would rebuild dist/ under the other tests.
  new Project(root).run(`npm pack --ignore-scripts --silent --pack-destination "${fresh}"`)
  renameSync(join(fresh, name), file)
  rmSync(fresh, { recursive: true })
  return file
}
