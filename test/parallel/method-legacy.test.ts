import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// A code base in the style of NestJS: experimentalDecorators, and types emitted as metadata.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'makeparallel-legacy-'))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const REPORTED = /^main\.ts\((\d+),/gm

const MAIN = `import { handleOf, isWorker, parallel, type TaskHandle } from 'makeparallel'

declare global {
  namespace Reflect { let metadata: unknown }
}
const seen: string[] = []
Reflect.metadata = (key: string, value: { name?: string }) => () => { seen.push(key + ' ' + value.name) }
const Injectable = (): ClassDecorator => () => {}
const Traced = (): MethodDecorator => (_target, _key, descriptor) => descriptor

@Injectable()
export class ImageService {
  constructor(readonly name: string) {}

  @Traced()
  @parallel.method(import.meta, { name: 'resize' })
  static async resize(width: number): Promise<string> {
    return \`\${this.name} \${width} \${isWorker}\`
  }
  run(width: number): Promise<string> {
    return ImageService.resize(width)
  }
}
if (!isWorker) {
  const handle: TaskHandle<string> = handleOf(new ImageService('a').run(3))
  console.log(handle.name, await handle, seen)
}
`
const WRONG = `
export class Wrong {
  @parallel.method(import.meta) static sync(n: number): number { return n }
  @parallel.method(import.meta) async instance(n: number): Promise<number> { return n }
}
`

function run(program: string, args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: place,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  })
  return { status, output: stdout + stderr }
}

test.before(() => {
  mkdirSync(join(place, 'node_modules'))
  symlinkSync(root, join(place, 'node_modules/makeparallel'), 'junction')
  writeFileSync(join(place, 'package.json'), '{ "private": true, "type": "module" }')
  const compilerOptions = {
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    strict: true,
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    types: [],
  }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
})

test.after(() => rmSync(place, { recursive: true, force: true }))

test('a static async method of a service runs in a worker', () => {
  writeFileSync(join(place, 'main.ts'), MAIN)
  const compiled = run(process.execPath, [tsc])
  assert.is(compiled.status, 0, compiled.output)
  const { status, output } = run(process.execPath, ['main.js'])
  assert.is(status, 0, output)
  assert.match(output, /^resize ImageService 3 true \[.*'design:returntype Promise'/s)
})

test('the types refuse synchronous and instance methods', () => {
  writeFileSync(join(place, 'main.ts'), MAIN + WRONG)
  const { output } = run(process.execPath, [tsc, '--noEmit'])
  const lines = [...output.matchAll(REPORTED)].map(([, line]) => Number(line))
  const start = MAIN.split('\n').length
  assert.equal([...new Set(lines)], [start + 2, start + 3], output)
})

test.run()
