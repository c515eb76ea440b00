// Installs what package-lock.json names when it is not there or older than the lock file. Quiet when nothing is to do.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const changedAt = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0

// npm writes node_modules/.package-lock.json last: an install that broke off has none.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  console.error('installing development dependencies (npm ci)')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  process.exitCode = status ?? 1
}
