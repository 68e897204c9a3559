import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fill } from '../bench/filling'
import { figure } from '../bench/measured'
import type { Session } from '../src/domain/session'
import { embeddedDatabase, suiteDatabase } from './support/stores'

// The peers of the benchmark are plain JavaScript, so no compiler checks that their imports exist.

const folder = join(__dirname, '../../bench/peers')
const imports = readdirSync(folder).flatMap(file => {
  const statements = readFileSync(join(folder, file), 'utf8').matchAll(/^import \{ (.+) \} from '(.+\/dist\/.+)'$/gm)
  return [...statements].map(([, names = '', from = '']) => [file, from, names.split(', ')] as const)
})

test.each(imports)('the imports of %s from %s exist', (_, from, names) => {
  const there = Object.keys(require(join(folder, from)))
  expect(there).toEqual(expect.arrayContaining(names.map(name => name.split(' as ')[0])))
})

test.each([
  [0.123, '0.12'],
  [3.04, '3.0'],
  [99.4, '99'],
  [99.6, '100'],
  [1234.5, '1,235'],
])('the figure of %d has at least two digits and no exponent', (number, shown) => {
  expect(figure(number)).toBe(shown)
})

describe('the benchmark of growth', () => {
  const database = suiteDatabase(embeddedDatabase)

  test('fills a store like a server: half the sessions started, half calculated, and some of those shared', async () => {
    const { store } = database
    const filled = await fill(store, 1_000)
    const read = await Promise.all(filled.map(({ session_id }) => store.sessions.read(session_id)))
    expect(read).toEqual(filled.map(({ label: _, ...session }) => expect.objectContaining(session)))

    const sessions = read as Session[]
    const calculated = sessions.filter(({ result }) => result)
    expect(sessions.filter(({ state }) => state === 'initial')).toHaveLength(1_000 - calculated.length)
    expect(calculated.length / 1_000).toBeCloseTo(0.5, 1)
    expect(sessions.filter(({ shares }) => shares.length > 0).length / calculated.length).toBeCloseTo(0.2, 1)
    expect(new Set(sessions.map(({ mentor_id }) => mentor_id)).size).toBe(50)
    expect(new Set(sessions.map(({ organisation_id }) => organisation_id)).size).toBe(20)
    const newest = await store.lists.list({}, { limit: 1_000, offset: 0 })
    expect(newest.map(({ session_id }) => session_id)).toEqual(filled.map(({ session_id }) => session_id).reverse())
  })

  test('has a row for each path, with correct responses', async () => {
    const args = ['dist/bench/growth.js', '--sessions', '300', '--seconds', '0.1', '--store', 'embedded']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const paths = stdout.matchAll(/^\| ([^|]+) \| [\d.,]+ \([\d.,]+\) ms, (?:< )?[\d.,]+ µs \|$/gm)
    expect([...paths].map(([, path]) => path)).toEqual([
      'page 1',
      'page 500',
      'page of a mentor',
      'page of an organisation, loaded sessions',
      'page after page by cursor, GraphQL',
      'read a session',
      'dispatch a calculation',
    ])
  })
})

test('the benchmark of the least cost compares each path with a bare server', async () => {
  const short = ['--seconds', '0.2', '--rounds', '1', '--rate', '0.05', '--store', 'mongo', '--only']
  const { stdout } = await promisify(execFile)(process.execPath, [
    'dist/bench/floor.js',
    ...short,
    'read,GraphQL read,dispatch',
  ])
  const rows = stdout.matchAll(/^\| mongo \| ([\w ]+) \| ([\w:]+)[^|]* \| \d+ \| \d+ \| \d+ \| [^|]* \|$/gm)
  expect([...rows].map(([, path, server]) => [path, server])).toEqual([
    ['read', 'ours'],
    ['read', 'node:http'],
    ['GraphQL read', 'ours'],
    ['GraphQL read', 'ws'],
    ['dispatch', 'ours'],
    ['dispatch', 'updateOne'],
  ])
})

test('the benchmark of throughput dispatches to few and to many sessions of the stated version, beside another build', async () => {
  const short = ['--seconds', '0.1', '--rounds', '1', '--store', 'embedded', '--only', 'dispatch']
  const args = [
    'dist/bench/throughput.js',
    ...short,
    '--sessions',
    '64,300',
    '--version',
    '4',
    '--build',
    '.',
    '--peers',
    'none',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const figures = String.raw`(\d+)–\d+ \| \d+ \| \d+`
  const rows = stdout.matchAll(
    new RegExp(String.raw`^\| (.+) \| (ours|build \.) \| ${process.versions.node} \| ${figures} \|`, 'gm'),
  )
  const found = [...rows]
  expect(found.map(([, path, server]) => [path, server])).toEqual(
    ['REST dispatch, 64', 'REST dispatch, 300', 'GraphQL dispatch, 64', 'GraphQL dispatch, 300'].flatMap(path => [
      [`${path} sessions`, 'ours'],
      [`${path} sessions`, 'build .'],
    ]),
  )
  for (const [, , , lowest] of found) expect(Number(lowest)).toBeGreaterThanOrEqual(4)
})

test('the benchmark of throughput measures builds whose warm-ups end at different versions', async () => {
  const short = ['--seconds', '0.1', '--rounds', '1', '--warm-up', '0.3', '--store', 'embedded', '--only', 'dispatch']
  const args = ['dist/bench/throughput.js', ...short, '--sessions', '64', '--version', '900', '--build', '.', '--peers']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, 'none'])
  expect(stdout.match(/^\| (REST|GraphQL) dispatch, 64 sessions \|/gm)).toHaveLength(4)
})

test('the benchmark of throughput refuses a checkout without a build', async () => {
  const args = ['dist/bench/throughput.js', '--build', 'docs']
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    stderr: expect.stringContaining('--build docs has no dist/src/main.js: run `npm run build` there.'),
  })
})

test.each(['mongo', 'embedded'])(
  'the benchmark of reconnects misses and doubles no event on the store %s',
  async store => {
    const args = [
      'dist/bench/reconnects.js',
      '--subscribers',
      '30',
      '--seconds',
      '0.5',
      '--rounds',
      '1',
      '--store',
      store,
    ]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const range = String.raw`[\d.,]+ \[[\d.,]+–[\d.,]+\]`
    const latencies = '[\\d.,]+, [\\d.,]+, [\\d.,]+'
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^\| ${store} \| ours \| ${range} \| ${range} \| \d+ \| ${range} \| 0.00 % \| ${latencies} \| ${latencies} \| ${latencies} \| 0.00 % \|$`,
        'm',
      ),
    )
  },
)
