import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Instance } from './support/instance'
import { base } from './support/interfaces'

const root = join(__dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'package-'))
const installed = join(folder, 'node_modules/benefit-sessions')
const run = promisify(execFile)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']

beforeAll(async () => {
  // Packs the existing build. A new build would delete the files of this running test.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  await run('npm', [...install, join(folder, stdout.trim())], { cwd: folder })
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true }))

const filesOf = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(place.length + 1))

test('the package has the program, what its docs link to, and no test, benchmark or map', () => {
  const own = filesOf(installed)
  const kinds = new Set(
    own.map(name => name.replace(/^(bench\/results|dist\/\w+|docs|examples|ops|packages\/client\/dist|src)\/.*/, '$1')),
  )
  expect([...kinds].sort()).toEqual([
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'bench/results',
    'dist/dashboard',
    'dist/graphiql',
    'dist/src',
    'docs',
    'examples',
    'ops',
    'package.json',
    'packages/client/README.md',
    'packages/client/dist',
    'packages/client/package.json',
    'schema.graphql',
    'src',
    'test/faults/results.md',
  ])
  expect(own.filter(name => /\.map$|^dist\/dashboard\/src/.test(name))).toEqual([])
})

test('the dependencies are exactly the declared ones, and only the embedded store has a native part', async () => {
  await run('npm', ['ls', '--all'], { cwd: folder }) // fails for a superfluous or missing package
  const natives = filesOf(join(folder, 'node_modules')).filter(name => name.endsWith('binding.gyp'))
  expect(natives).toEqual(['better-sqlite3/binding.gyp'])
})

test('the command prints its version and its variables', async () => {
  const npx = (option: string) => run('npx', ['benefit-sessions', option], { cwd: folder })
  expect((await npx('--version')).stdout).toBe(`${version}\n`)
  expect((await npx('--help')).stdout).toMatch(/\nPORT +4000 +port that the server listens on\n/)
})

test('the command serves REST, GraphQL and the pages, and SIGTERM ends it with 0', async () => {
  const server = new Instance(
    { DATA_FILE: 'data/sessions.db' },
    { cwd: folder, program: [join(folder, 'node_modules/.bin/benefit-sessions')] },
  )
  const url = await server.listening()
  for (const path of ['/openapi.json', '/asyncapi.json'])
    expect(await (await fetch(url + path)).json()).toMatchObject({ info: { version } })
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

test('the client in the package can be installed, and has its version', async () => {
  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  await run('npm', [...install, '--install-links', join(installed, 'packages/client'), 'graphql-ws'], { cwd: app })
  const program = `const { SessionsClient } = require('benefit-sessions-client')
    console.log(typeof SessionsClient, require('benefit-sessions-client/package.json').version)`
  expect((await run(process.execPath, ['-e', program], { cwd: app })).stdout).toBe(`function ${version}\n`)
}, 60_000)
