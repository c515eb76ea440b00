// The lines of Node that are measured, in the versions that test/projects/ tries. They come from the registry, once, into
// build/nodes.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { NODES } from '../test/projects/versions.js'

export type NodeLine = keyof typeof NODES

export const LINES = Object.keys(NODES).map(Number) as NodeLine[]

const INSTALL_LIMIT_MS = 170_000

/** The `node` of that line. @throws Error when it cannot be installed */
export function execPathOf(line: NodeLine): string {
  if (NODES[line] === undefined) throw new Error(`Node ${line} is none of ${LINES.join(', ')}`)
  if (process.version === `v${NODES[line]}`) return process.execPath
  const system = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${system}-${process.arch}`
  const folder = fileURLToPath(new URL(`../../build/nodes/${NODES[line]}/`, import.meta.url))
  const path = `${folder}node_modules/${name}/bin/node${system === 'win' ? '.exe' : ''}`
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}package.json`, '{ "private": true }')
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  execFileSync('npm', ['install', ...flags, `${name}@${NODES[line]}`], {
    cwd: folder,
    stdio: 'pipe',
    timeout: INSTALL_LIMIT_MS,
  })
  return path
}
