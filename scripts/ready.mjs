// Makes a clone ready to run: installs what the lock file names and compiles, each only where it is out of date.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'

const changed = path => (existsSync(path) ? statSync(path).mtimeMs : 0)

const newest = folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .reduce((time, { parentPath, name }) => Math.max(time, changed(`${parentPath}/${name}`)), 0)

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

if (changed('package-lock.json') > changed('node_modules/.package-lock.json'))
  run('npm', 'ci', '--no-audit', '--no-fund')

const sources = ['src', 'test', 'scripts', 'bench', 'packages/client/src'].filter(existsSync)
const sourcesChanged = Math.max(changed('tsconfig.json'), ...sources.map(newest))
const built = name => changed(`dist/${name}/index.html`)
const stale = ['dashboard', 'graphiql'].some(name => newest(name) > built(name))
if (stale || sourcesChanged > changed('dist/src/main.js')) run('npm', 'run', '--silent', 'build')
