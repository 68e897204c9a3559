// The generators and clients, installed beside the server and not with it, each of the version that a file of this folder pins.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const here = import.meta.dirname
const cache = resolve('.cache', 'clients')
const [bin, venv] = ['bin', 'python'].map(name => join(cache, name))
const path = [bin, join(venv, 'bin'), join(here, 'node_modules', '.bin'), process.env.PATH].join(delimiter)

export const modules = join(here, 'node_modules')
export const goModule = ['go.mod', 'go.sum'].map(name => join(here, name))
/** What a client in Java stands on. */
export const jars = join(cache, 'jars')

// None of the tools may call home or ask anything.
const env = {
  ...process.env,
  PATH: path,
  NO_COLOR: '1',
  CI: 'true',
  GOFLAGS: '-mod=readonly',
  PYTHONDONTWRITEBYTECODE: '1',
}

/** A command that was started in `cwd`, where the tools are found. */
export const start = (command, args, { cwd = here, ...more } = {}) =>
  spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })

/** What a command prints, started in `cwd`; rejects where it fails. */
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

/** Makes what `file` states, where that is not there yet or was made of another. */
async function once(made, file, work) {
  const done = join(cache, `${file}.done`)
  const stated = readFileSync(join(here, file), 'utf8')
  if (existsSync(made) && existsSync(done) && readFileSync(done, 'utf8') === stated) return
  mkdirSync(bin, { recursive: true })
  await work()
  writeFileSync(done, stated)
}

/** Each kind of tools: the programs that must be there already, and what installs it. */
export const kinds = {
  go: {
    programs: ['go'],
    install: () => once(join(bin, 'genqlient'), 'go.mod', () => run('go', ['build', '-o', `${bin}/`, 'tool'])),
  },
  java: {
    programs: ['java', 'javac', 'mvn'],
    install: () =>
      once(jars, 'pom.xml', async () => {
        const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies'
        rmSync(jars, { recursive: true, force: true })
        await run('mvn', [
          '-q',
          '-B',
          '-ntp',
          plugin,
          `-DoutputDirectory=${jars}`,
          '-DexcludeArtifactIds=openapi-generator-cli',
        ])
        await run('mvn', [
          '-q',
          '-B',
          '-ntp',
          plugin,
          `-DoutputDirectory=${bin}`,
          '-DincludeArtifactIds=openapi-generator-cli',
          '-Dmdep.stripVersion=true',
        ])
        const program = join(bin, 'openapi-generator-cli')
        writeFileSync(program, `#!/bin/sh\nexec java -jar "${program}.jar" "$@"\n`)
        chmodSync(program, 0o755)
      }),
  },
  python: {
    programs: ['python3'],
    install: () =>
      once(venv, 'requirements.txt', async () => {
        rmSync(venv, { recursive: true, force: true })
        await run('python3', ['-m', 'venv', venv])
        await run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--no-deps', '-r', 'requirements.txt'])
      }),
  },
  npm: {
    programs: ['npm'],
    install: () =>
      once(modules, 'package-lock.json', () => run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])),
  },
}

const has = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** The kinds of tools, of those that are wanted, that this machine can have; in CI it must have them all. */
export function kindsHere(wanted = Object.keys(kinds)) {
  return wanted.filter(kind => {
    const missing = kinds[kind].programs.filter(program => !has(program))
    if (missing.length === 0) return true
    const said = `there is no ${missing.join(', no ')} on this machine`
    if (process.env.CI) throw new Error(said)
    process.stdout.write(`clients: what wants ${kind} is left out, as ${said}\n`)
    return false
  })
}

/** The version that is pinned of a tool, by the name that it has where it is from. */
export function pinned(kind, name) {
  const read = file => readFileSync(join(here, file), 'utf8')
  // An older one beside a newer has a name of its own: npm:@apollo/client@3.14.1
  if (kind === 'npm') return JSON.parse(read('package.json')).dependencies[name]?.split('@').at(-1)
  const [file, before, after] = {
    go: ['go.mod', `\t${name} v`, /[^\s]+/],
    java: ['pom.xml', `<artifactId>${name}</artifactId>`, /(?<=<version>)[^<]+/],
    python: ['requirements.txt', `${name}==`, /\S+/],
  }[kind]
  return after.exec(read(file).split(before)[1] ?? '')?.[0]
}
