/**
 * Writes the transformed library and the transformed configurations to build/model/NAME/, where the checker imports them.
 *
 * The build without a mutant is kept for as long as no source changes. One with a mutant differs in one file, or in all when
 * other functions take steps in it.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { applyEdit, type Edit, SMALL } from './edits.js'
import type { Scenario } from './scenario.js'
import type { Site } from './sites.js'
import { findSteps, programOf, type Steps } from './steps.js'
import { isStepOfItsOwn } from './tolerated.js'
import { functionAround, transform } from './transform.js'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'build/model')
const ATOMICS = join(root, 'lib/ring-buffer/atomics.ts')
const OPERATIONS = join(root, 'fuzz/model/operations.ts')
const CONFIGURATIONS = 'fuzz/model/configurations'
const LAYERS = ['lib/ring-buffer', 'lib/scheduler', CONFIGURATIONS]
/** Of layer 2, what takes part in the protocols. */
const LOOPS = ['main-loop', 'parking', 'children', 'host-loop', 'dispatcher', 'submissions'].map(
  (name) => `lib/workers/${name}.ts`,
)

/** Transformed code on disk. */
export interface Build {
  readonly at: string
  readonly sites: readonly Site[]
}

function nameOf(file: string): string {
  return relative(root, file).split(sep).join('/')
}

function sourceFiles(): string[] {
  const files = LAYERS.flatMap((layer) =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, layer, name)),
  )
  return [...files, ...LOOPS.map((name) => join(root, name))].filter((file) => file !== ATOMICS).sort()
}

/** What is compiled, with edits applied when it is read. */
class Workshop {
  readonly #files = sourceFiles()
  #edits: readonly Edit[] = SMALL
  readonly #sound: ts.Program
  readonly #soundStepping: string
  #program: ts.Program
  #steps: Steps

  constructor() {
    this.#program = this.#sound = this.#compile(undefined)
    this.#steps = this.#findSteps()
    this.#soundStepping = this.#stepping()
  }

  get files(): readonly string[] {
    return this.#files
  }

  /**
   * From here on one source is read with this edit too; the others are as they were. Who takes steps is found anew in all of
   * them, for an interface in one is implemented in another. Returns the files that come out different.
   *
   * @throws Error when it does not compile: what then fails in the checker proves nothing
   */
  use(edit: Edit): readonly string[] {
    this.#edits = [...SMALL, edit]
    this.#program = this.#compile(this.#sound)
    const file = join(root, edit.file)
    const [error] = this.#program.getSemanticDiagnostics(this.#program.getSourceFile(file))
    if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, ' '))
    this.#steps = this.#findSteps()
    // Who calls a function that has lost its last step, or got its first, calls it in another way.
    return this.#stepping() === this.#soundStepping ? [file] : this.#files
  }

  /** Names of all that takes steps. */
  #stepping(): string {
    const names = [...this.#steps.steps].map((node) => {
      const { name } = node as ts.FunctionDeclaration
      return `${node.getSourceFile().fileName} ${functionAround(node)} ${name?.getText()}`
    })
    return names.sort().join('\n')
  }

  emit(file: string, firstSite: number) {
    const source = this.#program.getSourceFile(file) as ts.SourceFile
    return transform(this.#program, source, this.#steps, nameOf, (to) => this.#specifier(file, to), firstSite)
  }

  #findSteps(): Steps {
    const sources = this.#files.map((file) => this.#program.getSourceFile(file) as ts.SourceFile)
    const isStepToo = (node: ts.Node, target: ts.Node): boolean => {
      const { name } = target as ts.FunctionDeclaration
      return (
        name !== undefined &&
        target.getSourceFile().fileName === ATOMICS &&
        isStepOfItsOwn(nameOf(node.getSourceFile().fileName), functionAround(node), name.getText())
      )
    }
    return findSteps(this.#program, sources, [ATOMICS, OPERATIONS], isStepToo)
  }

  #compile(old: ts.Program | undefined): ts.Program {
    return programOf([...this.#files, ATOMICS, OPERATIONS], ATOMICS, old, (file, text) => {
      const name = nameOf(file)
      return this.#edits.filter((edit) => edit.file === name).reduce(applyEdit, text)
    })
  }

  /** Where the emitted module finds what it imports: among the transformed ones, or in what tsc compiled. */
  #specifier(file: string, specifier: string): string {
    const from = posix.dirname(nameOf(file))
    // build/model/NAME/ is two folders below build/.
    const compiled = (name: string): string => posix.relative(posix.join('model/NAME', from), name)
    if (specifier === '$model') return compiled('fuzz/model/runtime.js')
    if (!specifier.startsWith('.')) return specifier
    const target = posix.join(from, specifier)
    const isTransformed = this.#files.some((one) => nameOf(one) === target.replace(/\.js$/, '.ts'))
    return isTransformed ? specifier : compiled(target)
  }
}

let workshop: Workshop | undefined

let sound: Build | undefined

/** The library as it was when this process first asked. */
export function build(): Build {
  sound ??= buildSound()
  return sound
}

function buildSound(): Build {
  const hash = createHash('sha256')
  const inputs = [...sourceFiles(), ATOMICS, OPERATIONS]
  for (const name of ['build', 'transform', 'steps', 'edits', 'tolerated', 'sites'])
    inputs.push(join(root, `fuzz/model/${name}.ts`))
  for (const file of inputs) hash.update(file).update(readFileSync(file))
  const at = join(folder, hash.digest('hex').slice(0, 16))
  if (!existsSync(at)) {
    workshop ??= new Workshop()
    const sites: Site[] = []
    const draft = `${at}.${process.pid}`
    for (const file of workshop.files) {
      const { text, sites: found } = workshop.emit(file, sites.length)
      sites.push(...found)
      place(draft, file, text)
    }
    finish(draft, at, sites)
  }
  return { at, sites: readSites(at) }
}

/** The library with a mutant, under a name of its own. */
export function buildMutant(name: string, edit: Edit): Build {
  const { at: soundAt, sites: soundSites } = build()
  workshop ??= new Workshop()
  const at = join(folder, name)
  const draft = `${at}.${process.pid}`
  cpSync(soundAt, draft, { recursive: true })
  const sites = [...soundSites]
  for (const file of workshop.use(edit)) {
    const { text, sites: found } = workshop.emit(file, sites.length)
    sites.push(...found)
    place(draft, file, text)
  }
  rmSync(at, { recursive: true, force: true })
  finish(draft, at, sites)
  return { at, sites: readSites(at) }
}

function place(draft: string, file: string, text: string): void {
  const to = join(draft, nameOf(file).replace(/\.ts$/, '.js'))
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text)
}

function finish(draft: string, at: string, sites: readonly Site[]): void {
  writeFileSync(join(draft, 'sites.json'), JSON.stringify(sites))
  try {
    renameSync(draft, at)
  } catch {
    rmSync(draft, { recursive: true, force: true }) // another process was faster
  }
}

function readSites(at: string): Site[] {
  return JSON.parse(readFileSync(join(at, 'sites.json'), 'utf8')) as Site[]
}

/** All configurations of a build, in the order of their files. */
export async function scenariosOf({ at }: Build): Promise<Scenario[]> {
  const names = readdirSync(join(at, CONFIGURATIONS)).filter((name) => name.endsWith('.js'))
  const scenarios: Scenario[] = []
  for (const name of names.sort()) {
    const module = await import(pathToFileURL(join(at, CONFIGURATIONS, name)).href)
    scenarios.push(...((module as { scenarios?: readonly Scenario[] }).scenarios ?? []))
  }
  return scenarios
}
