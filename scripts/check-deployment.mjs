// Checks the deployment files with third-party tools, as far as this is possible without a container runtime and a
// cluster: the Dockerfile with hadolint, compose.yaml with Docker Compose, the manifests with Kubernetes' schemas, and
// all of them against the server and its files. Each of them must fail to start the server if no authentication setting
// is chosen. Then executes the Dockerfile step by step, and runs the result.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stagesOf } from './deployment/dockerfile.mjs'
import { environment } from './python.mjs'

const here = join(import.meta.dirname, 'deployment')
const kubernetes = 'ops/kubernetes'
/** Kubernetes versions. The manifests must match the schemas of each version. */
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

/** This process's environment variables, without those that choose an authentication setting. */
const { AUTH_ISSUER: _issuer, AUTH_KEYS: _keys, PUBLIC: _public, ...undecided } = process.env

/** Checks that a command fails, and that its error names all authentication settings. */
function checkRefusal(what, command, args, env) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env, timeout: 30_000 })
  const isRefused = status !== 0 && ['AUTH_ISSUER', 'AUTH_KEYS', 'PUBLIC=on'].every(choice => stderr.includes(choice))
  claim(isRefused, `${what}: starts without AUTH_ISSUER, AUTH_KEYS or PUBLIC=on (status ${status}): ${stderr}`)
}

/**
 * Checks that the server refuses to start with these variables in its image, because none of them chooses an
 * authentication setting.
 */
function checkChoice(file, given) {
  const { PATH } = process.env
  const [image] = stagesOf('Dockerfile').slice(-1)
  const [host] = image.steps.flatMap(({ instruction, text }) => (instruction === 'ENV' && /HOST=\S+/.exec(text)) || [])
  claim(host, 'Dockerfile: ENV must set HOST')
  const env = { PATH, HOST: host.slice('HOST='.length), ...given, PORT: '0', METRICS_PORT: '0' }
  checkRefusal(file, process.execPath, ['dist/src/main.js'], env)
  for (const name of ['REQUESTS_PER_SECOND', 'SESSIONS_PER_MENTOR']) claim(given[name], `${file}: ${name} is not set`)
}

/** Whether an image is pinned by its digest, so that a later change of its tag has no effect. */
const hasDigest = image => /@sha256:[\da-f]{64}$/.test(image)

/**
 * Checks that the sources of bind mounts exist, because Docker creates an empty folder in place of a missing source.
 * Also checks the server's environment variables and its rights.
 */
function checkCompose({ services }, variables) {
  for (const service of Object.values(services)) {
    const { environment = {}, volumes = [], image } = service
    for (const { type, source } of volumes)
      claim(type !== 'bind' || existsSync(source), `compose.yaml: ${source} is missing`)
    if (!image.startsWith('benefit-sessions:')) {
      claim(hasDigest(image), `compose.yaml: the image ${image} has no digest`)
      continue
    }
    checkVariables('compose.yaml', environment, variables)
    checkChoice('compose.yaml', { ...environment, PUBLIC: '' })
    const { read_only, cap_drop, security_opt, ports, privileged } = service
    claim(
      read_only === true && cap_drop.join() === 'ALL',
      'compose.yaml: the server needs no writable root, no capability',
    )
    claim(security_opt.includes('no-new-privileges:true'), 'compose.yaml: the server needs no new privileges')
    claim(!ports && !privileged, 'compose.yaml: only the proxy is published')
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
  const { data } = manifests['config-map.yaml']
  checkVariables(`${kubernetes}/config-map.yaml`, data, variables)
  checkChoice(`${kubernetes}/config-map.yaml`, data)
  const { spec } = manifests['deployment.yaml'].spec.template
  const [{ lifecycle, ports, securityContext }] = spec.containers
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = securityContext
  claim(
    spec.automountServiceAccountToken === false &&
      spec.securityContext.runAsNonRoot === true &&
      spec.securityContext.seccompProfile.type === 'RuntimeDefault' &&
      allowPrivilegeEscalation === false &&
      readOnlyRootFilesystem === true &&
      capabilities.drop.join() === 'ALL' &&
      !capabilities.add,
    `${kubernetes}/deployment.yaml: the pod has rights that the server does not need`,
  )
  const [{ mountPath }] = spec.containers[0].volumeMounts
  claim(
    spec.volumes.every(({ secret }) => secret?.optional === true) && mountPath === '/keys',
    `${kubernetes}/deployment.yaml: the service keys must be an optional Secret at /keys`,
  )
  checkNetworkPolicy(manifests['network-policy.yaml'].spec, manifests['deployment.yaml'].spec.selector, ports)
  const before = Number(lifecycle.preStop.exec.command.at(-1))
  claim(
    spec.terminationGracePeriodSeconds > before + shutdownSeconds,
    `${kubernetes}/deployment.yaml: terminationGracePeriodSeconds must exceed the ${before} seconds of preStop plus the ${shutdownSeconds} of the shutdown`,
  )
}

/**
 * Checks that the network policy selects the deployment's pods and opens their ports, and that only monitoring can
 * reach the metrics.
 */
function checkNetworkPolicy({ podSelector, ingress }, selector, ports) {
  const file = `${kubernetes}/network-policy.yaml`
  claim(JSON.stringify(podSelector) === JSON.stringify(selector), `${file}: does not select the pods of the deployment`)
  const opened = ingress.flatMap(({ ports, from }) => (ports ?? [{}]).map(({ port }) => ({ port, from })))
  const openPorts = opened.map(({ port }) => port)
  for (const { name } of ports) claim(openPorts.includes(name), `${file}: no rule opens ${name}`)
  const isTooOpen = ({ port, from }) => port !== 'http' && !from?.length
  claim(!opened.some(isTooOpen), `${file}: a rule opens more than http to everyone`)
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
  for (const { from } of stagesOf('Dockerfile')) claim(hasDigest(from), `Dockerfile: the image ${from} has no digest`)
  say(`${run(tool('hadolint'), ['--version']).trim()}: Dockerfile has no findings`)

  const config = ['--env-file', '/dev/null', '--profile', '*', 'config', '--format', 'json']
  checkRefusal('compose.yaml', tool('docker-compose'), config, undecided)
  const compose = run(tool('docker-compose'), config, { env: { ...undecided, PUBLIC: 'on' } })
  checkCompose(JSON.parse(compose), variables)
  say(
    `${run(tool('docker-compose'), ['version']).trim()}: compose.yaml is valid, and refused without a choice of authentication`,
  )

  const files = readdirSync(kubernetes).map(name => join(kubernetes, name))
  const manifests = files.filter(file => basename(file) !== 'kustomization.yaml')
  for (const version of versions) {
    run(tool('kubernetes-validate'), ['--strict', '--kubernetes-version', version, ...manifests])
  }
  const toJson =
    'import json, sys, yaml; print(json.dumps({file.split("/")[-1]: yaml.safe_load(open(file)) for file in sys.argv[1:]}))'
  checkManifests(JSON.parse(run(tool('python'), ['-c', toJson, ...files])), variables, Number(shutdownSeconds))
  say(`Kubernetes ${versions.join(', ')}: ${manifests.length} manifests are valid, and refused without that choice`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
process.exit(spawnSync(process.execPath, [join(here, 'image.mjs')], { stdio: 'inherit' }).status ?? 1)
