// Installs the client generators and client libraries beside the server, separately from it. Files in this folder pin
// their versions.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pipInstall } from '../python.mjs'
// Import the source instead of the compiled file, because CI installs the tools while it builds.
import { hasExactly } from '../verified-download.ts'

const here = import.meta.dirname
const cache = join(here, '..', '..', '.cache', 'clients')
const [bin, venv] = ['bin', 'python'].map(name => join(cache, name))
const path = [bin, join(venv, 'bin'), join(here, 'node_modules', '.bin'), process.env.PATH].join(delimiter)

export const modules = join(here, 'node_modules')
export const goModule = ['go.mod', 'go.sum'].map(name => join(here, name))
/** Folders with the dependencies of the generated Java client, and with the generator, which is written in Java. */
export const jars = join(cache, 'jars')
const generator = join(cache, 'generator')
const generatorJar = 'openapi-generator-cli.jar'

// No tool may send telemetry or prompt.
const env = {
  ...process.env,
  PATH: path,
  NO_COLOR: '1',
  CI: 'true',
  GOFLAGS: '-mod=readonly',
  PYTHONDONTWRITEBYTECODE: '1',
}

/** Starts a command in `cwd`, with the tools on the PATH. */
export const start = (command, args, { cwd = here, ...more } = {}) =>
  spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })

/** Runs a command in `cwd`. Resolves with its output, and rejects if it fails. */
export const run = (command, args, options) =>
  new Promise((resolve, reject) => {
    const child = start(command, args, options)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
    child.once('error', reject)
    child.once('close', code =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(' ')}\n${output}`)),
    )
  })

/** Runs `work` if `made` is missing, or if `file` has changed since `made` was created. */
async function once(made, file, work) {
  const done = join(cache, `${file}.done`)
  const stated = readFileSync(join(here, file), 'utf8')
  if (existsSync(made) && existsSync(done) && readFileSync(done, 'utf8') === stated) return
  mkdirSync(bin, { recursive: true })
  await work()
  writeFileSync(done, stated)
}

/**
 * Whether the folders contain exactly the expected jars, each with its digest. The jars contain code that will run, so
 * they are checked before each use.
 */
function hasJars() {
  const lines = readFileSync(join(here, 'jars.sha256'), 'utf8').trim().split('\n')
  const { [generatorJar]: ofGenerator, ...digests } = Object.fromEntries(lines.map(line => line.split('  ').reverse()))
  return hasExactly(jars, digests) && hasExactly(generator, { [generatorJar]: ofGenerator })
}

const copyDependencies = (...options) =>
  run('mvn', [
    '-q',
    '-B',
    '-ntp',
    'org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies',
    ...options,
  ])

/** For each kind of tools: the programs that this machine must have, and a function that installs the tools. */
export const kinds = {
  go: {
    programs: ['go'],
    install: () => once(join(bin, 'genqlient'), 'go.mod', () => run('go', ['build', '-o', `${bin}/`, 'tool'])),
  },
  java: {
    programs: ['java', 'javac', 'mvn'],
    install: async () => {
      if (!hasJars()) {
        for (const folder of [jars, generator]) rmSync(folder, { recursive: true, force: true })
        await copyDependencies(`-DoutputDirectory=${jars}`, '-DexcludeArtifactIds=openapi-generator-cli')
        const only = ['-DincludeArtifactIds=openapi-generator-cli', '-Dmdep.stripVersion=true']
        await copyDependencies(`-DoutputDirectory=${generator}`, ...only)
        if (!hasJars())
          throw new Error(`Maven copied other jars to ${jars} or ${generator} than scripts/clients/jars.sha256 lists`)
      }
      mkdirSync(bin, { recursive: true })
      const program = join(bin, 'openapi-generator-cli')
      writeFileSync(program, `#!/bin/sh\nexec java -jar "${join(generator, generatorJar)}" "$@"\n`)
      chmodSync(program, 0o755)
    },
  },
  python: {
    programs: ['python3'],
    install: () =>
      once(venv, 'requirements.txt', async () => {
        rmSync(venv, { recursive: true, force: true })
        await run('python3', ['-m', 'venv', venv])
        await run(join(venv, 'bin', 'pip'), [...pipInstall, '-r', 'requirements.txt'])
      }),
  },
  npm: {
    programs: ['npm'],
    install: () =>
      once(modules, 'package-lock.json', () => run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])),
  },
}

const has = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** Returns those of the wanted kinds of tools whose programs this machine has. In CI, a missing program is an error. */
export function kindsHere(wanted = Object.keys(kinds)) {
  return wanted.filter(kind => {
    const missing = kinds[kind].programs.filter(program => !has(program))
    if (missing.length === 0) return true
    const said = `${missing.join(', ')} not found on this machine`
    if (process.env.CI) throw new Error(said)
    process.stdout.write(`clients: skipped ${kind}: ${said}\n`)
    return false
  })
}

/** Returns the pinned version of a tool. `name` is the tool's name in its package registry. */
export function pinned(kind, name) {
  const read = file => readFileSync(join(here, file), 'utf8')
  // If two versions of a package are installed, the older one has an alias, such as npm:@apollo/client@3.14.1.
  if (kind === 'npm') return JSON.parse(read('package.json')).dependencies[name]?.split('@').at(-1)
  const [file, before, after] = {
    go: ['go.mod', `\t${name} v`, /[^\s]+/],
    java: ['pom.xml', `<artifactId>${name}</artifactId>`, /(?<=<version>)[^<]+/],
    python: ['requirements.txt', `${name}==`, /\S+/],
  }[kind]
  return after.exec(read(file).split(before)[1] ?? '')?.[0]
}
