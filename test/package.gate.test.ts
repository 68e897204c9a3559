import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Instance } from './support/instance'
import { base } from './support/interfaces'

const root = join(__dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'package-'))
const prefix = join(folder, 'prefix')
const installed = join(prefix, 'lib/node_modules/benefit-sessions')
const bin = join(prefix, 'bin/benefit-sessions')
const run = promisify(execFile)

beforeAll(async () => {
  // Packs the existing build. A new build would delete the files of this running test.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const file = join(folder, stdout.trim())
  const flags = ['--prefix', prefix, '--prefer-offline', '--ignore-scripts']
  await run('npm', ['install', '--global', ...flags, file], { cwd: folder })
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true }))

const filesOf = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(place.length + 1))

test('the package has the program, the pages and the docs, and no test, benchmark, source or map', () => {
  const own = filesOf(installed).filter(name => !name.startsWith('node_modules/'))
  const kinds = new Set(own.map(name => name.replace(/^(dist\/\w+|docs|examples)\/.*/, '$1')))
  expect([...kinds].sort()).toEqual([
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'dist/dashboard',
    'dist/graphiql',
    'dist/src',
    'docs',
    'examples',
    'package.json',
    'packages/client/README.md',
  ])
  expect(own.filter(name => /\.(ts|tsx|map)$|^dist\/dashboard\/src/.test(name))).toEqual([])
})

test('the dependencies are exactly the declared ones, and only the embedded store has a native part', async () => {
  await run('npm', ['ls', '--global', '--all', '--prefix', prefix], { cwd: folder }) // fails for a superfluous or missing package
  const natives = filesOf(installed).filter(name => name.endsWith('binding.gyp'))
  expect(natives).toEqual(['node_modules/better-sqlite3/binding.gyp'])
})

test('the command prints its version and its variables', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect((await run(bin, ['--version'])).stdout).toBe(`${version}\n`)
  expect((await run(bin, ['--help'])).stdout).toMatch(/\nPORT +4000 +port that it listens on\n/)
})

test('the command serves REST, GraphQL and the pages, and SIGTERM ends it with 0', async () => {
  const server = new Instance({ DATA_FILE: 'data/sessions.db' }, { cwd: folder, program: [bin] })
  const url = await server.listening()
  const json = { 'Content-Type': 'application/json' }
  const inputs = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

  const session = { method: 'POST', headers: json, body: '{"mentor_id":"m"}' }
  const { session_id } = (await (await fetch(`${url}${base}`, session)).json()) as { session_id: string }
  const event = JSON.stringify({ event: 'CalculateRequested', payload: inputs })
  const dispatched = await fetch(`${url}${base}/${session_id}`, { method: 'PUT', headers: json, body: event })
  expect(await dispatched.json()).toMatchObject({ state: 'loaded' })

  const query = `{ session(id: "${session_id}") { result { outputs { netBenefit } } } }`
  const asked = await fetch(`${url}/graphql`, { method: 'POST', headers: json, body: JSON.stringify({ query }) })
  expect(await asked.json()).toEqual({ data: { session: { result: { outputs: { netBenefit: 287.5 } } } } })

  const page = await (await fetch(url, { headers: { Accept: 'text/html' } })).text()
  const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(page) ?? []
  expect((await fetch(new URL(script, `${url}/`))).headers.get('content-type')).toMatch(/javascript/)

  expect(await server.stop()).toBe(0)
  expect(server.errors).toBe('')
})
