// Executes the Dockerfile without Docker, and runs the result like `docker run --read-only`. Each stage begins with
// this machine's file system instead of the base image, below a layer that records every change. The layers are overlay
// mounts in a separate mount namespace, which ends with this process. This script requires root and Linux.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { contextOf, stagesOf } from './dockerfile.mjs'

if (process.getuid() !== 0 || process.platform !== 'linux') {
  process.stdout.write('Dockerfile: skipped, because its steps need root on Linux\n')
  process.exit()
}
const { FOLDER: folder } = process.env
if (!folder) {
  const FOLDER = mkdtempSync(join(tmpdir(), 'image-'))
  const args = ['--mount', '--propagation', 'private', process.execPath, import.meta.filename]
  const { status } = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, FOLDER } })
  rmdirSync(FOLDER) // outside the namespace nothing is mounted on it
  process.exit(status ?? 1)
}
run('mount', ['-t', 'tmpfs', 'tmpfs', folder])

const began = Date.now()

function run(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`)
  return stdout
}

/**
 * Creates the file system of a stage from this machine's, with the running Node.js at the path that it has in the base
 * image.
 */
function layer(name) {
  const [changes, work, root] = ['changes', 'work', 'root'].map(part => join(folder, name, part))
  for (const place of [changes, work, root]) mkdirSync(place, { recursive: true })
  run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${changes},workdir=${work}`, root])
  for (const place of ['dev', 'proc', 'sys']) run('mount', ['--rbind', `/${place}`, join(root, place)])
  for (const file of ['etc/resolv.conf', 'etc/hosts']) {
    if (existsSync(`/${file}`)) run('mount', ['--bind', `/${file}`, join(root, file)])
  }
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true })
  return root
}

const words = text => text.split(/ +/)
const pairs = text => Object.fromEntries(words(text).map(pair => pair.split(/=(.*)/s, 2)))

/** Executes the instructions of a stage on its file system. Returns the configuration of the resulting image. */
function build({ steps }, root, roots) {
  const image = { env: {}, workdir: '/', user: '0:0' }
  const set = {
    WORKDIR: text => {
      image.workdir = text
      mkdirSync(join(root, text), { recursive: true })
    },
    COPY: text => {
      const [from] = /^--from=\S+/.exec(text) ?? []
      const names = words(from ? text.slice(from.length).trim() : text)
      const to = resolve(root + image.workdir, names.pop())
      const source = from ? roots[from.slice('--from='.length)] : undefined
      const files = names.flatMap(name =>
        source ? join(source, name) : name === '.' ? contextOf('.dockerignore') : name,
      )
      for (const file of files) {
        const inside = source && statSync(file).isDirectory() // the content of a folder is copied
        cpSync(file, inside ? to : join(to, basename(file)), { recursive: true, verbatimSymlinks: true })
      }
    },
    RUN: text => {
      const env = { ...process.env, ...image.env, NODE_ENV: image.env.NODE_ENV }
      run('chroot', [root, 'sh', '-c', `cd ${image.workdir} && ${text}`], { env })
    },
    ENV: text => Object.assign(image.env, pairs(text)),
    USER: text => (image.user = text),
    VOLUME: text => (image.volume = text),
    HEALTHCHECK: text => (image.health = JSON.parse(text.slice(text.indexOf('[')))),
    ENTRYPOINT: text => (image.entrypoint = JSON.parse(text)),
    STOPSIGNAL: text => (image.stopSignal = text),
    EXPOSE: () => {},
  }
  for (const { instruction, text } of steps) set[instruction](text)
  return image
}

/** Makes the file system read-only, except for the volume and /tmp, as in a container. */
function sealed(root, { volume }) {
  const data = join(folder, 'volume')
  run('cp', ['-a', join(root, volume), data])
  run('mount', ['-o', 'remount,ro', root])
  run('mount', ['--bind', data, join(root, volume)])
  run('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'tmp')])
  return data
}

/**
 * Returns a command line that runs a command in the image, with the image's user, working directory and environment.
 * The command has no Linux capabilities and can't gain any.
 */
function inside(root, { user, workdir, env }, command, more) {
  const [uid, gid] = user.split(':')
  const given = Object.entries({ PATH: process.env.PATH, ...env, ...more }).map(pair => pair.join('='))
  const drop = [
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--clear-groups',
    '--reuid',
    uid,
    '--regid',
    gid,
  ]
  return ['chroot', root, 'setpriv', ...drop, 'env', '-i', '-C', workdir, ...given, ...command]
}

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return String(port)
}

const expected = (what, got, wanted) => {
  if (got !== wanted) throw new Error(`${what}: ${got}, expected ${wanted}`)
}

/**
 * Checks that the server does not start if no authentication setting is chosen. Then starts the server as process 1,
 * sends a write, checks its health, and stops it.
 */
async function serve(root, image) {
  const data = sealed(root, image)
  const PORT = await freePort()
  const [undecided, ...args] = inside(root, image, image.entrypoint, { PORT })
  const refused = spawnSync(undecided, args, { encoding: 'utf8', timeout: 30_000 })
  expected('exit code without a choice of authentication', refused.status, 1)
  expected('error that names the choice', refused.stderr.includes('PUBLIC=on'), true)
  const env = { PORT, PUBLIC: 'on' }
  const healthy = () => {
    const [command, ...args] = inside(root, image, image.health, env)
    return spawnSync(command, args).status === 0
  }
  const command = inside(root, image, image.entrypoint, env)
  const server = spawn('unshare', ['--pid', '--fork', '--kill-child', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', data => (output += data))
  const ended = once(server, 'close')
  try {
    while (!output.includes('"listening"')) {
      if (server.exitCode !== null) throw new Error(`the server did not start: ${output}`)
      await wait(50)
    }
    const pid = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim()
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const [, uid] = /^Uid:\s+(\d+)/m.exec(status)
    expected('user', uid, image.user.split(':')[0])
    if (uid === '0') throw new Error('the server runs as root')
    expected('capabilities', /^CapBnd:\s+(\w+)/m.exec(status)[1], '0'.repeat(16))
    expected('process id', /^NSpid:.*\s(\d+)$/m.exec(status)[1], '1')
    expected('health', healthy(), true)
    const url = `http://127.0.0.1:${PORT}/api/v1/benefit-calculator-sessions`
    const headers = { 'Content-Type': 'application/json' }
    const started = await fetch(url, { method: 'POST', headers, body: '{"mentor_id":"m"}' })
    expected('status of POST', started.status, 201)
    expected('data file in the volume', existsSync(join(data, basename(image.env.DATA_FILE))), true)
    process.kill(Number(pid), image.stopSignal)
    const [code] = await ended
    expected(`exit code after ${image.stopSignal}`, code, 0)
    expected('health after the stop', healthy(), false)
  } finally {
    server.kill('SIGKILL')
  }
}

try {
  const roots = {}
  let image
  for (const [i, stage] of stagesOf('Dockerfile').entries()) {
    const name = stage.as ?? String(i)
    roots[name] = layer(name)
    image = build(stage, roots[name], roots)
    image.root = roots[name]
  }
  const [size] = run('du', ['-sm', join(image.root, image.workdir)]).split('\t')
  await serve(image.root, image)
  process.stdout.write(
    `Dockerfile: all steps ran in ${Math.round((Date.now() - began) / 1_000)} s; the image of ${size} MB serves read-only, not as root\n`,
  )
} catch (error) {
  process.stderr.write(`Dockerfile: ${error.message}\n`)
  process.exitCode = 1
}
