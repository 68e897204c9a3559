import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from './support/until'

const script = join(__dirname, '../../scripts/ready.mjs')
const platform = `${process.platform}-${process.arch}`
const [, name = '', version = ''] =
  new RegExp(`'${platform}': \\['([^@]+)@([^']+)'`).exec(readFileSync(script, 'utf8')) ?? []
const programOf = (cache: string): string => join(cache, 'node', version, 'node_modules', name, 'bin/node')

let folder: string
/** The script in a clone of its own. */
let clone: string
/** A file that foreign programs write. */
let traces: string
let registry: ReturnType<typeof createServer>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ready-'))
  clone = join(folder, 'clone')
  traces = join(folder, 'traces')
  mkdirSync(join(clone, 'scripts'), { recursive: true })
  cpSync(script, join(clone, 'scripts/ready.mjs'))
  // Makes the script believe that the running Node.js is too old.
  writeFileSync(join(folder, 'old.cjs'), "Object.defineProperty(process.versions, 'node', { value: '18.20.8' })")
  registry = registryOf(foreignPackage())
  await once(registry.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => {
  registry.close()
  rmSync(folder, { recursive: true })
})

/** Writes a program that leaves a trace when it runs. */
function writeForeign(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho "${file} $*" >> ${traces}\n`)
  chmodSync(file, 0o755)
}

/** Returns a package of the pinned name and version, with a foreign program and an install script. */
function foreignPackage(): Buffer {
  const home = join(folder, 'package')
  writeForeign(join(home, 'bin/node'))
  const scripts = { postinstall: `echo postinstall >> ${traces}` }
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version, scripts, bin: { node: 'bin/node' } }))
  return execFileSync('tar', ['cz', '-C', folder, 'package'])
}

/** Another registry of npm, which has this package only. */
const registryOf = (tarball: Buffer) =>
  createServer(({ url, headers }, response) => {
    if (url?.endsWith('.tgz')) return response.end(tarball)
    const dist = { tarball: `http://${headers.host}/${name}.tgz` }
    const body = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } }
    return response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body))
  })

/** Runs the script in another folder, as a user whose npm is set to the registry. */
async function runScript(cwd: string, ...options: string[]): Promise<{ status: number; errors: string }> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
    npm_config_cache: join(folder, 'npm-cache'),
  }
  const args = ['--require', join(folder, 'old.cjs'), join(clone, 'scripts/ready.mjs'), ...options, 'node', '--version']
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', data => (errors += data))
  const [status] = await once(child, 'close')
  return { status, errors }
}

test('a registry that has another program runs nothing', async () => {
  expect(await runScript(clone)).toEqual({
    status: 1,
    errors: expect.stringContaining('another program than the expected'),
  })
  expect(existsSync(traces)).toBe(false)
  expect(existsSync(programOf(join(clone, '.cache')))).toBe(false)
})

test.each(['the folder where it is called', 'its clone'])(
  'a program that was planted in %s does not run',
  async where => {
    const cwd = join(folder, 'elsewhere')
    mkdirSync(cwd)
    writeForeign(programOf(join(where === 'its clone' ? clone : cwd, '.cache')))
    expect(await runScript(cwd)).toMatchObject({ status: 1 })
    expect(existsSync(traces)).toBe(false)
  },
)

test('the expected program runs if nothing is beside it', async () => {
  const digest = createHash('sha256').update(readFileSync(process.execPath)).digest('hex')
  const text = readFileSync(script, 'utf8').replace(/(?<=@[\d.]+', ')\w{64}/g, digest)
  writeFileSync(join(clone, 'scripts/ready.mjs'), text)
  const node = programOf(join(clone, '.cache'))
  mkdirSync(dirname(node), { recursive: true })
  cpSync(process.execPath, node)
  expect(await runScript(folder)).toEqual({ status: 0, errors: '' })
  writeFileSync(join(clone, 'package-lock.json'), '{}')
  expect(await runScript(folder, '--node')).toEqual({ status: 0, errors: '' })
  expect(await runScript(folder)).toMatchObject({ errors: expect.stringContaining('Installing the packages') })
  // A command of this name would be found on the PATH.
  writeForeign(join(dirname(node), 'npm'))
  expect(await runScript(folder)).toMatchObject({ status: 1 })
  expect(existsSync(traces)).toBe(false)
})

test('a command that npm started ends with npm', async () => {
  writeFileSync(join(clone, 'command.mjs'), 'console.log(process.pid); setInterval(() => {}, 1_000)')
  const start = 'node scripts/ready.mjs --node node command.mjs'
  writeFileSync(join(clone, 'package.json'), JSON.stringify({ name: 'clone', scripts: { start } }))
  const npm = spawn('npm', ['start', '--silent'], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(npm.stdout, 'data')
  const pid = Number(line)
  expect(pid).toBeGreaterThan(0)
  npm.kill('SIGTERM')
  try {
    await until(() => !runs(pid), 10_000, 'the end of the command')
  } finally {
    if (runs(pid)) process.kill(pid)
  }
})

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
