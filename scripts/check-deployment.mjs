// Checks the deployment files with foreign tools, as far as possible without a container runtime and a cluster: the
// Dockerfile with hadolint, compose.yaml with Docker Compose, the manifests with Kubernetes' schemas, and all of them
// against the program and its files. Then it follows the Dockerfile step by step, and runs the result.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { environment } from './python.mjs'

const here = join(import.meta.dirname, 'deployment')
const kubernetes = 'ops/kubernetes'
/** Versions of Kubernetes. The manifests must match the schemas of each. */
const versions = ['1.30.0', '1.37.0']

function run(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`)
}

const say = text => process.stdout.write(`${text}\n`)

function claim(holds, otherwise) {
  if (!holds) throw new Error(otherwise)
}

/**
 * Checks that the sources of bind mounts exist: Docker creates an empty folder for a missing one. Checks the variables,
 * too.
 */
function checkCompose({ services }, variables) {
  for (const { environment = {}, volumes = [], image } of Object.values(services)) {
    for (const { type, source } of volumes)
      claim(type !== 'bind' || existsSync(source), `compose.yaml: ${source} is missing`)
    if (image.startsWith('benefit-sessions:')) checkVariables('compose.yaml', environment, variables)
  }
}

function checkVariables(file, given, variables) {
  for (const name of Object.keys(given)) claim(variables.has(name), `${file}: ${name} is not a variable of the server`)
}

function checkManifests(manifests, variables, shutdownSeconds) {
  const { resources } = manifests['kustomization.yaml']
  const others = Object.keys(manifests).filter(name => name !== 'kustomization.yaml')
  claim(
    others.sort().join() === [...resources].sort().join(),
    `${kubernetes}: kustomization.yaml does not list exactly the files of the folder`,
  )
  checkVariables(`${kubernetes}/config-map.yaml`, manifests['config-map.yaml'].data, variables)
  const { spec } = manifests['deployment.yaml'].spec.template
  const [{ lifecycle }] = spec.containers
  const before = Number(lifecycle.preStop.exec.command.at(-1))
  claim(
    spec.terminationGracePeriodSeconds > before + shutdownSeconds,
    `${kubernetes}/deployment.yaml: terminationGracePeriodSeconds must exceed the ${before} seconds of preStop plus the ${shutdownSeconds} of the shutdown`,
  )
}

try {
  const bin = await environment('deployment', join(here, 'requirements.txt'))
  const tool = name => join(bin, name)
  const help = run(process.execPath, ['dist/src/main.js', '--help'])
  const rows = help
    .trim()
    .split('\n')
    .map(row => row.split(/ {2,}/))
  const variables = new Set(rows.flatMap(([names]) => names.split(', ')))
  const [, shutdownSeconds] = rows.find(([names]) => names === 'SHUTDOWN_SECONDS')

  run(tool('hadolint'), ['Dockerfile'])
  say(`${run(tool('hadolint'), ['--version']).trim()}: Dockerfile has no findings`)

  const compose = run(tool('docker-compose'), ['--profile', '*', 'config', '--format', 'json'])
  checkCompose(JSON.parse(compose), variables)
  say(`${run(tool('docker-compose'), ['version']).trim()}: compose.yaml is valid`)

  const files = readdirSync(kubernetes).map(name => join(kubernetes, name))
  const manifests = files.filter(file => basename(file) !== 'kustomization.yaml')
  for (const version of versions) {
    run(tool('kubernetes-validate'), ['--strict', '--kubernetes-version', version, ...manifests])
  }
  const toJson =
    'import json, sys, yaml; print(json.dumps({file.split("/")[-1]: yaml.safe_load(open(file)) for file in sys.argv[1:]}))'
  checkManifests(JSON.parse(run(tool('python'), ['-c', toJson, ...files])), variables, Number(shutdownSeconds))
  say(`Kubernetes ${versions.join(', ')}: ${manifests.length} manifests are valid`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
process.exit(spawnSync(process.execPath, [join(here, 'image.mjs')], { stdio: 'inherit' }).status ?? 1)
